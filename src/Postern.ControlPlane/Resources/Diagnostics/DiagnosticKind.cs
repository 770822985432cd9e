using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Diagnostics;

/// <summary>What is logged of calls, for the whole service or one API.</summary>
internal sealed class DiagnosticKind(KindServices services, string type) : ResourceKind(type)
{
    private static readonly Member Masked = Member.Object("masked", Member.Text("value"), Member.OneOf("mode", "Mask", "Hide"));

    private static readonly Member[] Message =
    [
        Member.List("headers", Member.Text("header")),
        Member.Object("body", Member.Number("bytes", 0, 8192)),
        Member.Object("dataMasking", Member.List("queryParams", Masked), Member.List("headers", Masked)),
    ];

    private static readonly Member[] Declared =
    [
        Member.Text("loggerId", 1).Required(),
        Member.OneOf("alwaysLog", "allErrors"),
        Member.Object("sampling", Member.OneOf("samplingType", "fixed"), Member.Number("percentage", 0, 100)),
        Member.Object("frontend", Member.Object("request", Message), Member.Object("response", Message)),
        Member.Object("backend", Member.Object("request", Message), Member.Object("response", Message)),
        Member.Flag("logClientIp"),
        Member.OneOf("httpCorrelationProtocol", "None", "Legacy", "W3C"),
        Member.OneOf("verbosity", "verbose", "information", "error"),
        Member.OneOf("operationNameFormat", "Name", "Url"),
        Member.Flag("metrics"),
    ];

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var given = change.Properties.Text("loggerId")!;
        var id = References.Absolute(References.ServiceOf(change.Id), given);
        if (id is not null && await services.Store.FindAsync(id, cancellation) is { } logger && ResourceIds.Same(logger.Type, "Microsoft.ApiManagement/service/loggers"))
        {
            change.Properties["loggerId"] = logger.Id;
        }
        else
        {
            change.Problem("loggerId", $"The logger '{given}' does not exist.");
        }

        return null;
    }
}
