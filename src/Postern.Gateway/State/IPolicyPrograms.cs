using Postern.Policies;

namespace Postern.Gateway.State;

/// <summary>Compiles the policy documents of a set; documents whose content is known already are taken from before.</summary>
internal interface IPolicyCompiler
{
    IPolicyPrograms Compile(EntitySet entities, IPolicyPrograms? previous);
}

/// <summary>The policy documents of one state, compiled; programs are put together from them when an operation is first called.</summary>
internal interface IPolicyPrograms
{
    /// <summary>Only the global document: for requests that match nothing.</summary>
    IPolicyProgram Global { get; }

    /// <summary>Cheap: flattens compiled documents. Safe to call from several threads.</summary>
    IPolicyProgram Compose(ProductState? product, ApiState api, OperationState operation);

    /// <summary>Documents that did not compile, with their places.</summary>
    IReadOnlyList<string> Problems { get; }
}
