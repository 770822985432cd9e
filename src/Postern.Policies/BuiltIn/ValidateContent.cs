using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Schemas;

namespace Postern.Policies.BuiltIn;

[Policy("validate-content", In.Inbound | In.Outbound | In.OnError, Summary = "Checks the size of a body, and the body against a schema.")]
internal sealed record ValidateContentPolicy : Policy
{
    [XmlAttribute("unspecified-content-type-action", Summary = "What happens to content types that the definition does not have.")]
    public required Value<ValidationAction> Unspecified { get; init; }

    [XmlAttribute("max-size", Min = 1, Max = 4194304, Summary = "Bytes that a body may have, after decompression.")]
    public required Value<int> MaxSize { get; init; }

    [XmlAttribute("size-exceeded-action", Summary = "What happens to larger bodies.")]
    public required Value<ValidationAction> SizeExceeded { get; init; }

    [XmlAttribute("errors-variable-name", Alias = "error-variable-name", Summary = "Variable that gets the errors.")]
    public string? Variable { get; init; }

    [XmlChild("content-type-map", Summary = "Treats content types as others.")]
    public ContentTypeMap? Map { get; init; }

    [XmlChild("content", Summary = "How bodies of a content type are checked.")]
    public IReadOnlyList<ContentPart> Contents { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var errors = new ValidationErrors(this, Variable, compile);
        var message = compile.Message(context);
        var (whose, type) = compile.OnRequest ? ("Request", "RequestBody") : ("Response", "ResponseBody");
        var declared = message.Headers.ContentLength;
        var limit = MaxSize.Get(context);
        if (declared > limit)
        {
            errors.Add(SizeExceeded.Get(context), TooLarge(whose, type, declared.Value, limit), compile.OnRequest, TooLargeText(whose, declared.Value, limit));
            return errors.Outcome(context);
        }

        await message.Body.BufferAsync(context.Aborted);
        if (message.Body.State != MessageBodyState.Buffered || message.Body.Bytes.Length == 0)
        {
            return Flow.Continue;
        }

        if (Decompressed(message, limit) is not { } body)
        {
            var size = Math.Max(message.Body.Bytes.Length, limit + 1L);
            errors.Add(SizeExceeded.Get(context), TooLarge(whose, type, size, limit), compile.OnRequest, TooLargeText(whose, size, limit));
            return errors.Outcome(context);
        }

        var contentType = Map?.For(context, MediaType(message)) ?? MediaType(message);
        var representation = Representations(context, compile).FirstOrDefault(one => SameType(one.ContentType, contentType));
        var content = Contents.FirstOrDefault(one => one.ContentType is not null && SameType(one.ContentType, contentType))
            ?? (representation is null ? null : Contents.FirstOrDefault(one => one.ContentType is null));
        if (content is null)
        {
            if (representation is null)
            {
                errors.Add(Unspecified.Get(context), new(contentType, type, "Unspecified", $"Unspecified content type {contentType} is not allowed.", ""), compile.OnRequest);
            }

            return errors.Outcome(context);
        }

        Check(content, representation?.Schema, message, body, new(contentType, type, "", "", ""), compile.OnRequest, errors, context);
        return errors.Outcome(context);
    };

    private static void Check(
        ContentPart content, SchemaReference? declared, PolicyMessage message, ReadOnlyMemory<byte> body, ValidationError error, bool isRequest, ValidationErrors errors, PolicyContext context)
    {
        var reference = content.SchemaId is null ? declared : new SchemaReference(content.SchemaId, content.SchemaRef);
        if (reference is null || context.Services.FindSchema(context, reference.SchemaId) is not { } schema || schema.Text.Length > SchemaDocument.Largest)
        {
            errors.Add(content.Action, error with { Name = "", Type = "ApiSchema", Details = "API's schema does not exist or it could not be resolved." }, isPublic: false);
            return;
        }

        var part = isRequest ? "request" : "response";
        try
        {
            var fault = content.ValidateAs == ContentKind.Json
                ? CheckJson(content, reference, schema, MessageText.Decode(message, body.Span))
                : CheckXml(content, schema, MessageText.Decode(message, body.Span), context);
            if (fault is not null)
            {
                errors.Add(content.Action, error with
                {
                    ValidationRule = "IncorrectMessage",
                    Details = $"Body of the {part} does not conform to the definition {reference.DefinitionName}, which is associated with the content type {error.Name}. {fault}",
                }, isRequest);
            }
        }
        catch (MissingDefinitionException)
        {
            errors.Add(content.Action, error with
            {
                ValidationRule = "MissingDefinition",
                Details = $"API's schema does not contain definition {reference.DefinitionName}, which is associated with the content type {error.Name}.",
            }, isPublic: false);
        }
        catch (Exception problem) when (problem is JsonException or System.Xml.XmlException or System.Xml.Schema.XmlSchemaException)
        {
            errors.Add(content.Action, error with
            {
                ValidationRule = "ValidationException",
                Details = $"Body of the {part} cannot be validated for the content type {error.Name}. {problem.Message}",
            }, isPublic: false);
        }
    }

    private static SchemaFault? CheckJson(ContentPart content, SchemaReference reference, SchemaDocument schema, string body)
    {
        var root = schema.Parsed as JToken ?? (JToken)(schema.Parsed = ParseJson(schema.Text));
        var definition = (reference.Pointer is null ? root : JsonSchemaRules.Find(root, reference.Pointer)) ?? throw new MissingDefinitionException();
        JToken value;
        try
        {
            value = ParseJson(body);
        }
        catch (JsonReaderException problem)
        {
            return new("The body is not JSON.", problem.LineNumber, problem.LinePosition);
        }

        return new JsonSchemaRules(root, new(content.AllowAdditionalProperties, content.CaseInsensitiveNames)).Check(value, definition);
    }

    private static SchemaFault? CheckXml(ContentPart content, SchemaDocument schema, string body, PolicyContext context)
    {
        var compiled = schema.Parsed as System.Xml.Schema.XmlSchemaSet
            ?? (System.Xml.Schema.XmlSchemaSet)(schema.Parsed = XmlSchemaRules.Compile(schema.Text, id => context.Services.FindSchema(context, id)));
        try
        {
            return XmlSchemaRules.Check(body, content.ValidateAs == ContentKind.Soap, compiled);
        }
        catch (System.Xml.XmlException problem)
        {
            return new("The body is not XML.", problem.LineNumber, problem.LinePosition);
        }
    }

    private static JToken ParseJson(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None, MaxDepth = 100 };
        var value = JToken.ReadFrom(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        return reader.Read() && reader.TokenType != JsonToken.Comment ? throw new JsonReaderException("Text follows the document.", "", reader.LineNumber, reader.LinePosition, null) : value;
    }

    private static IEnumerable<RepresentationDescription> Representations(PolicyContext context, PolicyCompile compile)
    {
        var description = context.Services.Describe(context);
        return (compile.OnRequest
            ? description?.Requests
            : (description?.Responses.FirstOrDefault(one => one.StatusCode == context.Response.StatusCode) ?? description?.Responses.FirstOrDefault(one => one.StatusCode == 0))?.Representations) ?? [];
    }

    /// <returns>Null when it is larger than the limit, or no body of the encoding that it claims.</returns>
    private static ReadOnlyMemory<byte>? Decompressed(PolicyMessage message, int limit)
    {
        try
        {
            var body = BodyEncoding.Plain(message, message.Body.Bytes, limit);
            return body.Length <= limit ? body : null;
        }
        catch (Exception problem) when (problem is MessageBodyTooLargeException or BodyEncodingException)
        {
            return null;
        }
    }

    private static ValidationError TooLarge(string whose, string type, long size, int limit) =>
        new("", type, "SizeLimit", $"{whose}'s body is {size} bytes long and it exceeds the configured limit of {limit} bytes.", "");

    private static string TooLargeText(string whose, long size, int limit) => $"{whose}'s body is {size} bytes long and it exceeds the limit of {limit} bytes.";

    private static string MediaType(PolicyMessage message) => message.Headers.ContentType.ToString().Split(';')[0].Trim();

    private static bool SameType(string one, string other) => one.Split(';')[0].Trim().Equals(other, StringComparison.OrdinalIgnoreCase);

    private sealed class MissingDefinitionException : Exception;

    internal sealed record ContentTypeMap : PolicyPart
    {
        [XmlAttribute("any-content-type-value", Summary = "Used whatever the message says.")]
        public string? Any { get; init; }

        [XmlAttribute("missing-content-type-value", Summary = "Used when the message says nothing.")]
        public string? Missing { get; init; }

        [XmlChild("type", Summary = "One content type for another; wins over the attributes.")]
        public IReadOnlyList<TypePart> Types { get; init; } = [];

        public string For(PolicyContext context, string type) =>
            Types.FirstOrDefault(one => one.When?.Get(context) ?? SameType(one.From!, type))?.To
            ?? Any ?? (type.Length == 0 ? Missing ?? "" : type);
    }

    internal sealed record TypePart : PolicyPart
    {
        [XmlAttribute("from", Summary = "The message's content type.")]
        public string? From { get; init; }

        [XmlAttribute("when", Summary = "Condition instead of a content type.")]
        public Value<bool>? When { get; init; }

        [XmlAttribute("to", Summary = "The content type to treat it as.")]
        public required string To { get; init; }

        public override void Validate(PolicyRules rules) => rules.Check((From is null) != (When is null), "Exactly one of the attributes 'from' and 'when' is needed.");
    }

    internal sealed record ContentPart : PolicyPart
    {
        [XmlAttribute("type", AllowsEmpty = true, Summary = "Content type; empty for all of the definition.")]
        public string? WrittenType { get; init; }

        [XmlAttribute("validate-as", Summary = "Kind of check.")]
        public required ContentKind ValidateAs { get; init; }

        [XmlAttribute("action", Summary = "What happens to bodies that do not fit.")]
        public required ValidationAction Action { get; init; }

        [XmlAttribute("schema-id", Summary = "Schema entity; else the API's definition.")]
        public string? SchemaId { get; init; }

        [XmlAttribute("schema-ref", Summary = "Local pointer into the schema, for JSON.")]
        public string? SchemaRef { get; init; }

        [XmlAttribute("allow-additional-properties", Summary = "Overrides the schema.")]
        public bool? AllowAdditionalProperties { get; init; }

        [XmlAttribute("case-insensitive-property-names", Summary = "Whether names of properties may differ in case, for JSON.")]
        public bool CaseInsensitiveNames { get; init; }

        public string? ContentType => string.IsNullOrWhiteSpace(WrittenType) ? null : WrittenType;

        public override void Validate(PolicyRules rules)
        {
            rules.Check(SchemaRef is null || (SchemaId is not null && ValidateAs == ContentKind.Json), "'schema-ref' needs 'schema-id' and validate-as=\"json\".");
            rules.Check(SchemaRef is null || SchemaRef.StartsWith('#'), "'schema-ref' is not a local pointer such as #/definitions/order.");
        }
    }

    internal enum ContentKind : byte
    {
        Json,
        Xml,
        Soap,
    }
}
