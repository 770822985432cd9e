namespace Postern.EndToEnd.Tests.Clients;

/// <summary>
/// Other people's programs, unmodified, against the running system. Each starts processes that take whole cores, so these tests run one
/// after the other, and not beside those that measure time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClientsCollection : ICollectionFixture<OperatorCli>, ICollectionFixture<RegisteredApp>
{
    public const string Name = "Clients";
}
