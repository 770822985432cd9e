using Postern.ControlPlane.Tests.Conformance;
using Postern.ControlPlane.Tests.Resources;

namespace Postern.ControlPlane.Tests;

/// <summary>The suites of the management API once more, on a control plane whose store is PostgreSQL.</summary>
[CollectionDefinition(Name)]
public sealed class OnPostgres : ICollectionFixture<PostgresControlPlane>
{
    public const string Name = "control plane on PostgreSQL";
}

[Collection(OnPostgres.Name)]
public sealed class ArmProtocolOnPostgresTests(PostgresControlPlane plane) : ArmProtocolTests(plane.Present());

[Collection(OnPostgres.Name)]
public sealed class KindsOnPostgresTests(PostgresControlPlane plane) : KindTests(plane.Present());

[Collection(OnPostgres.Name)]
public sealed class DeletedServicesOnPostgresTests(PostgresControlPlane plane) : DeletedServiceTests(plane.Present());

[Collection(OnPostgres.Name)]
public sealed class ScenariosOnPostgresTests(PostgresControlPlane plane) : ScenarioTests(plane.Present());

[Collection(OnPostgres.Name)]
public sealed class ConformanceOnPostgresTests(PostgresControlPlane plane, DefinitionHost definitions) : ConformanceTests(plane.Present(), definitions);

[Collection(OnPostgres.Name)]
public sealed class FragmentsOnPostgresTests(PostgresControlPlane plane) : FragmentTests(plane.Present());
