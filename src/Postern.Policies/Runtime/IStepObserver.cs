namespace Postern.Policies.Runtime;

/// <summary>Sees the policies of one request run. Set only while the request is traced: all others pay one comparison a section.</summary>
public interface IStepObserver
{
    /// <summary>A policy is about to run. Branches of <c>wait</c> call at the same time.</summary>
    /// <returns>What <see cref="Ended"/> is given.</returns>
    object Began(PolicyContext context, PolicyPlace place);

    /// <summary>It has run, and what was inside it.</summary>
    void Ended(PolicyContext context, object step, Flow flow);
}

/// <summary>Where a policy stands.</summary>
/// <param name="Source">Element name.</param>
/// <param name="Path">Such as <c>choose[3]\when[2]</c>; indexes from 1.</param>
/// <param name="PolicyId">The <c>id</c> attribute; null when there is none.</param>
/// <param name="Section"><c>inbound</c>, <c>backend</c>, <c>outbound</c> or <c>on-error</c>.</param>
/// <param name="Scope"><c>global</c>, <c>product</c>, <c>api</c> or <c>operation</c>.</param>
public sealed record PolicyPlace(string Source, string Path, string? PolicyId, string Section, string Scope);
