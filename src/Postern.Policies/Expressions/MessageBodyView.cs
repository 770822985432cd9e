using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.WebUtilities;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>A body as expressions see it. It is in memory by then: whoever compiles the expression saw that it reads it.</summary>
internal sealed class MessageBodyView(PolicyMessage message) : IMessageBody
{
    public T As<T>(bool preserveContent = false)
    {
        var bytes = Take(preserveContent);
        object result;
        if (typeof(T) == typeof(string))
        {
            result = MessageText.Decode(message, bytes.Span);
        }
        else if (typeof(T) == typeof(byte[]))
        {
            result = bytes.ToArray();
        }
        else if (typeof(T) == typeof(JToken) || typeof(T) == typeof(JObject) || typeof(T) == typeof(JArray))
        {
            result = ParseJson<T>(MessageText.Decode(message, bytes.Span));
        }
        else if (typeof(T) == typeof(XDocument) || typeof(T) == typeof(XNode))
        {
            result = MessageText.ParseXml(message, bytes.Span);
        }
        else if (typeof(T) == typeof(XElement))
        {
            result = MessageText.ParseXml(message, bytes.Span).Root!;
        }
        else
        {
            throw new NotSupportedException($"A message body can't be read as {typeof(T).Name}.");
        }

        return (T)result;
    }

    public IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)
    {
        var result = new Dictionary<string, IList<string>>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(MessageText.Decode(message, Take(preserveContent).Span)))
        {
            var name = pair.DecodeName().ToString();
            if (!result.TryGetValue(name, out var values))
            {
                result[name] = values = new List<string>();
            }

            values.Add(pair.DecodeValue().ToString());
        }

        return result;
    }

    private static object ParseJson<T>(string text)
    {
        JToken token;
        try
        {
            token = JToken.Parse(text);
        }
        catch (JsonException problem)
        {
            throw new InvalidOperationException($"The message body is not a valid JSON. {problem.Message}", problem);
        }

        return token is T ? token : throw new InvalidOperationException($"The message body is a JSON {token.Type}, not a {typeof(T).Name}.");
    }

    private ReadOnlyMemory<byte> Take(bool preserve)
    {
        var body = message.Body;
        switch (body.State)
        {
            case MessageBodyState.Consumed:
                throw new InvalidOperationException("The message body was already read. Read it with preserveContent: true to read it again.");
            case MessageBodyState.Streaming:
                throw new InvalidOperationException("The message body is not in memory.");
        }

        var bytes = BodyEncoding.Plain(message, body.Bytes);
        if (!preserve && body.State == MessageBodyState.Buffered)
        {
            body.Consume();
        }

        return bytes;
    }
}
