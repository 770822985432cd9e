namespace Postern.ControlPlane.Resources;

/// <summary>The api-versions that clients of each namespace send; the contract is that of the newest stable one.</summary>
internal static class ApiVersions
{
    /// <summary>Stable ones first, newest first: generic clients take the first that a type lists.</summary>
    public static IReadOnlyList<string> ApiManagement { get; } =
    [
        "2024-05-01", "2022-08-01", "2021-08-01", "2020-12-01", "2019-12-01", "2019-01-01",
        "2025-03-01-preview", "2024-10-01-preview", "2024-06-01-preview", "2023-09-01-preview", "2023-05-01-preview", "2023-03-01-preview",
        "2022-09-01-preview", "2022-04-01-preview", "2021-12-01-preview", "2021-04-01-preview", "2021-01-01-preview", "2020-06-01-preview",
        "2019-12-01-preview",
    ];

    public static IReadOnlyList<string> Authorization { get; } =
    [
        "2022-04-01", "2018-07-01", "2015-07-01", "2015-06-01", "2023-04-01-preview", "2022-05-01-preview", "2020-10-01-preview", "2020-08-01-preview",
        "2020-04-01-preview", "2020-03-01-preview", "2018-09-01-preview", "2018-07-01-preview", "2018-01-01-preview", "2017-10-01-preview",
    ];

    public static IReadOnlyList<string> Resources { get; } =
    [
        "2022-12-01", "2022-09-01", "2022-06-01", "2022-05-01", "2022-01-01", "2021-04-01", "2021-01-01", "2020-10-01", "2020-08-01", "2020-06-01",
        "2020-01-01", "2019-11-01", "2019-10-01", "2019-08-01", "2019-07-01", "2019-06-01", "2019-05-10", "2019-05-01", "2019-03-01", "2018-05-01",
        "2018-02-01", "2018-01-01", "2017-08-01", "2017-05-10", "2017-05-01", "2016-09-01", "2016-06-01", "2016-02-01", "2015-11-01", "2015-01-01",
        "2014-04-01-preview", "2024-03-01", "2024-07-01", "2024-11-01", "2025-03-01", "2025-04-01",
    ];

    /// <returns>Null when the version is known.</returns>
    public static ArmError? Check(string space, string? version)
    {
        if (version is null)
        {
            return new(
                400, "MissingApiVersionParameter", $"The api-version query parameter is required. The supported versions are: {List(space)}.", "api-version",
                Diagnostic: ControlPlaneDiagnostics.MissingApiVersion);
        }

        return For(space).Contains(version, StringComparer.OrdinalIgnoreCase)
            ? null
            : new(
                400, "InvalidApiVersionParameter", $"The api-version '{version}' is invalid. The supported versions are: {List(space)}.", "api-version",
                Diagnostic: ControlPlaneDiagnostics.UnknownApiVersion);
    }

    public static IReadOnlyList<string> For(string space) =>
        string.Equals(space, "Microsoft.ApiManagement", StringComparison.OrdinalIgnoreCase) ? ApiManagement
        : string.Equals(space, "Microsoft.Authorization", StringComparison.OrdinalIgnoreCase) ? Authorization
        : Resources;

    private static string List(string space) => string.Join(", ", For(space));
}
