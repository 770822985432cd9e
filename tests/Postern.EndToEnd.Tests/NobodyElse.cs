namespace Postern.EndToEnd.Tests;

/// <summary>Tests that look at a whole system, which must not change meanwhile: one after the other in one of their own.</summary>
[CollectionDefinition(nameof(NobodyElse))]
public sealed class NobodyElse : ICollectionFixture<OwnSystem>;
