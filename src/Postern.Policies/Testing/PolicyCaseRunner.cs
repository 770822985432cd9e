using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.Testing;

/// <summary>Runs a case and says what is not as the file expects. No network, no host, no real time.</summary>
public static class PolicyCaseRunner
{
    private const string DefaultGlobal = "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>";

    /// <returns>Empty when all is as expected; else one line per difference, with the line of the file.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(PolicyCase @case)
    {
        if (!@case.Blocks.Any(block => block.Kind is "response" or "backend-request" or "http-request" or "variables" or "last-error" or "trace" or "waited" or "diagnostics"))
        {
            return ["the case expects nothing, so it can't fail"];
        }

        var failures = new List<string>();
        var secrets = CaseSecrets.Of(@case);
        @case = secrets.Resolve(@case);
        var references = new CaseReferences(@case);
        var documents = Documents(@case);
        if (@case.Blocks.FirstOrDefault(block => block.Kind == "diagnostics") is { } expected)
        {
            CompareDiagnostics(expected, documents, references, failures);
            return failures;
        }

        var compiler = new PolicyCompiler();
        var compiled = documents.ToDictionary(document => document.Scope, document => compiler.Compile(document, references));
        foreach (var diagnostic in compiled.Values.SelectMany(policy => policy.Diagnostics).Where(_ => @case.Blocks.All(block => block.Kind != "broken")))
        {
            failures.Add($"{@case.Path}: {diagnostic}");
        }

        if (failures.Count > 0)
        {
            return failures;
        }

        var program = PolicyProgram.Compose(
            compiled.GetValueOrDefault(PolicyScope.Global), compiled.GetValueOrDefault(PolicyScope.Product),
            compiled.GetValueOrDefault(PolicyScope.Api), compiled.GetValueOrDefault(PolicyScope.Operation));
        await new Exchange(@case, program, secrets, failures).RunAsync();
        return failures;
    }

    private static List<PolicySource> Documents(PolicyCase @case)
    {
        var documents = new List<PolicySource>();
        foreach (var block in @case.Blocks.Where(block => block.Kind == "policy"))
        {
            var words = block.Argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var from = Array.IndexOf(words, "from");
            var text = from >= 0 ? File.ReadAllText(Path.Combine(Path.GetDirectoryName(@case.Path) ?? "", words[from + 1])) : block.Text;
            var scope = words.Select(word => Enum.TryParse<PolicyScope>(word, ignoreCase: true, out var parsed) ? parsed : (PolicyScope?)null)
                .FirstOrDefault(parsed => parsed is not null) ?? PolicyScope.Operation;
            documents.Add(new(scope, $"{scope.ScopeName()}", words.Contains("xml") ? PolicyFormat.Xml : PolicyFormat.RawXml, Wrap(text)));
        }

        if (documents.All(document => document.Scope != PolicyScope.Global))
        {
            documents.Insert(0, new(PolicyScope.Global, "global", PolicyFormat.Xml, DefaultGlobal));
        }

        return documents;
    }

    /// <summary>A file may give only what stands in one section: <c>&lt;inbound&gt;…&lt;/inbound&gt;</c>. The other sections then inherit.</summary>
    private static string Wrap(string text)
    {
        var trimmed = text.Trim();
        if (SectionNames.All.FirstOrDefault(name => trimmed.StartsWith($"<{name}>", StringComparison.Ordinal)) is null)
        {
            return text;
        }

        var others = SectionNames.All.Where(name => !trimmed.Contains($"<{name}>", StringComparison.Ordinal)).Select(name => $"<{name}><base /></{name}>");
        return $"<policies>{text}{string.Concat(others)}</policies>";
    }

    private static void CompareDiagnostics(CaseBlock expected, List<PolicySource> documents, CaseReferences references, List<string> failures)
    {
        var actual = documents.SelectMany(document => PolicyReader.Validate(document, references)).ToList();
        var wanted = expected.Lines.Where(line => line.Trim().Length > 0).Select(line => line.Trim()).ToList();
        foreach (var line in wanted)
        {
            // "P109 3:10 some words of the message, or its path"
            var words = line.Split(' ', 3);
            var found = actual.FindIndex(diagnostic => diagnostic.Id == words[0]
                && (words.Length < 2 || words[1] == "*" || words[1] == $"{diagnostic.Line}:{diagnostic.Column}")
                && (words.Length < 3 || diagnostic.ToString().Contains(words[2], StringComparison.Ordinal)));
            if (found >= 0)
            {
                actual.RemoveAt(found);
            }
            else
            {
                failures.Add($"line {expected.Line}: expected diagnostic '{line}'");
            }
        }

        failures.AddRange(actual.Select(diagnostic => $"line {expected.Line}: unexpected {diagnostic.Id} {diagnostic.Line}:{diagnostic.Column} {diagnostic.Message} ({diagnostic.Path})"));
    }

    private sealed class CaseReferences(PolicyCase @case) : IPolicyReferences
    {
        private readonly Dictionary<string, string> _namedValues = @case.Blocks.Where(block => block.Kind == "named-values")
            .SelectMany(block => block.Pairs).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);

        public string? FindNamedValue(string name) => _namedValues.GetValueOrDefault(name);

        public PolicySource? FindFragment(string id) =>
            @case.Blocks.FirstOrDefault(block => block.Kind == "fragment" && block.Argument.Split(' ')[0] == id) is { } block
                ? new(PolicyScope.Fragment, id, block.Argument.EndsWith(" xml", StringComparison.Ordinal) ? PolicyFormat.Xml : PolicyFormat.RawXml, block.Text)
                : null;
    }

    /// <summary>The blocks after the policies, in order: requests, answers, expectations, waits.</summary>
    private sealed class Exchange(PolicyCase @case, PolicyProgram program, CaseSecrets secrets, List<string> failures)
    {
        private readonly CaseServices _services = new();
        private readonly Dictionary<string, string> _facts = new(StringComparer.Ordinal);
        private PolicyContext? _context;

        public async Task RunAsync()
        {
            for (var i = 0; i < @case.Blocks.Count; i++)
            {
                var block = @case.Blocks[i];
                switch (block.Kind)
                {
                    case "context":
                        foreach (var (name, value) in block.Pairs)
                        {
                            _facts[name] = value;
                        }

                        break;
                    case "backends":
                        foreach (var (name, value) in block.Pairs)
                        {
                            _services.Backends[name] = new Uri(value);
                        }

                        break;
                    case "caches":
                        _services.UseCaches(block.Argument);
                        break;
                    case "schema":
                        _services.Schemas[block.Argument] = new(block.Text);
                        break;
                    case "loggers":
                        foreach (var (name, value) in block.Pairs)
                        {
                            _services.Loggers[name] = value;
                        }

                        break;
                    case "http":
                        _services.OtherAnswers.Add(block);
                        break;
                    case "declares":
                        _services.Declare(block);
                        break;
                    case "wait":
                        _services.Clock.Advance(TimeSpan.FromSeconds(double.Parse(block.Argument, CultureInfo.InvariantCulture)));
                        break;
                    case "request":
                        await SendAsync(block, @case.Blocks.Skip(i + 1).TakeWhile(next => next.Kind != "request"));
                        break;
                    default:
                        Compare(block);
                        break;
                }
            }
        }

        private async Task SendAsync(CaseBlock block, IEnumerable<CaseBlock> following)
        {
            _services.Seen.Clear();
            _services.Sent.Clear();
            _services.Traces.Clear();
            _services.Answers.Clear();
            foreach (var answer in following.Where(next => next.Kind == "backend"))
            {
                _services.Answers.Enqueue(answer);
            }

            var message = CaseMessage.Read(block);
            var words = message.FirstLine.Split(' ', 2);
            var url = new Uri(new Uri("https://gateway.example"), words.Length > 1 ? words[1] : "/");
            var context = new PolicyContext
            {
                RequestId = Guid.Parse("11111111-2222-3333-4444-555555555555"),
                Timestamp = _services.Clock.GetUtcNow(),
                StartTicks = Stopwatch.GetTimestamp(),
                Services = _services,
            };
            context.Request.Method = words[0];
            context.Request.Headers = new HeaderDictionary();
            context.Response.Headers = new HeaderDictionary();
            foreach (var (name, value) in message.Headers)
            {
                context.Request.Headers.Append(name, value);
            }

            context.Request.OriginalUrl = new(url.Scheme, url.Host, url.Port, url.AbsolutePath, url.Query);
            context.Request.Backend = new(null, null, url.AbsolutePath, url.Query);
            if (message.Body is { } body)
            {
                context.Request.Body.SetStream(new MemoryStream(Encoding.UTF8.GetBytes(body)));
            }

            _services.CertificateTrust = new(Certificates("authority."), Certificates("intermediate."), ChecksRevocation: false) { Time = _services.Time };
            context.Request.CertificateIssuers = Certificates("client-sends.");
            new CaseEntities(_facts).PutInto(context, secrets);
            _context = context;
            await program.RunAsync(context);
            await _services.Resources.Events.Sent;
            await context.Response.Body.BufferAsync(CancellationToken.None);
            context.Transferred(context.Response.Body.Bytes.Length);
        }

        private X509Certificate2[] Certificates(string prefix) =>
            [.. _facts.Where(fact => fact.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(fact => secrets.Certificate(fact.Value))];

        private void Compare(CaseBlock block)
        {
            if (block.Kind is "policy" or "backend" or "fragment" or "named-values" or "broken" or "key" or "certificate" or "token")
            {
                return;
            }

            var context = _context;
            if (context is null)
            {
                Differ(block, "stands before any request");
                return;
            }

            switch (block.Kind)
            {
                case "response":
                    var response = CaseMessage.Read(block);
                    var status = context.Response.Reason is null ? $"{context.Response.StatusCode}" : $"{context.Response.StatusCode} {context.Response.Reason}";
                    Expect(block, "status", response.FirstLine, response.FirstLine.Contains(' ', StringComparison.Ordinal) ? status : $"{context.Response.StatusCode}");
                    CompareMessage(block, response, name => context.Response.Headers.TryGetValue(name, out var value) ? value.ToString() : null,
                        MessageText.Decode(context.Response, context.Response.Body.Bytes.Span));
                    break;
                case "backend-request" or "http-request" when block.Argument == "none":
                    Expect(block, "requests", "0", $"{(block.Kind == "http-request" ? _services.Sent : _services.Seen).Count}");
                    break;
                case "backend-request":
                    CompareSeen(block, _services.Seen);
                    break;
                case "http-request":
                    CompareSeen(block, _services.Sent);
                    break;
                case "variables":
                    foreach (var (name, value) in block.Pairs)
                    {
                        Expect(block, $"variable {name}", value, context.Variables.ContainsKey(name) ? ValueConversion.ToText(context.Variables[name]) : "(absent)");
                    }

                    break;
                case "last-error":
                    foreach (var (name, value) in block.Pairs)
                    {
                        Expect(block, $"last error's {name}", value, LastError(context.LastError, name));
                    }

                    break;
                case "trace":
                    foreach (var line in block.Lines.Where(line => line.Trim().Length > 0 && !_services.Traces.Exists(trace => trace.Contains(line.Trim(), StringComparison.Ordinal))))
                    {
                        Differ(block, $"no trace has '{line.Trim()}'; there are: {string.Join(" | ", _services.Traces)}");
                    }

                    break;
                case "waited":
                    Expect(block, "seconds waited", block.Argument, _services.Clock.Waited.TotalSeconds.ToString(CultureInfo.InvariantCulture));
                    break;
                default:
                    Differ(block, $"'{block.Kind}' is not a block");
                    break;
            }
        }

        private void CompareSeen(CaseBlock block, List<SeenRequest> all)
        {
            var index = block.Argument.Length == 0 ? all.Count - 1 : int.Parse(block.Argument, CultureInfo.InvariantCulture) - 1;
            if (index < 0 || index >= all.Count)
            {
                Differ(block, $"there were {all.Count} requests");
                return;
            }

            var seen = all[index];
            var expected = CaseMessage.Read(block);
            Expect(block, "request line", expected.FirstLine, $"{seen.Method} {seen.Url}");
            CompareMessage(block, expected, name => seen.Headers.GetValueOrDefault(name), seen.Body);
        }

        private void CompareMessage(CaseBlock block, CaseMessage expected, Func<string, string?> header, string body)
        {
            foreach (var (name, value) in expected.Headers)
            {
                Expect(block, $"header {name}", value, header(name) ?? "(absent)");
            }

            foreach (var name in expected.Absent)
            {
                Expect(block, $"header {name}", "(absent)", header(name) ?? "(absent)");
            }

            if (expected.Body is not null)
            {
                Expect(block, "body", expected.Body, body.ReplaceLineEndings("\n").TrimEnd('\n'));
            }
        }

        private static string LastError(PolicyError? error, string name) => name switch
        {
            "Source" => error?.Source,
            "Reason" => error?.Reason,
            "Message" => error?.Message,
            "Scope" => error?.Scope,
            "Section" => error?.Section,
            "Path" => error?.Path,
            "PolicyId" => error?.PolicyId,
            _ => "(no such property)",
        } ?? "(none)";

        private void Expect(CaseBlock block, string what, string expected, string actual)
        {
            if (expected != actual)
            {
                Differ(block, $"{what}: expected '{expected}', was '{actual}'");
            }
        }

        private void Differ(CaseBlock block, string difference) => failures.Add($"line {block.Line} ({block.Kind}): {difference}");
    }
}
