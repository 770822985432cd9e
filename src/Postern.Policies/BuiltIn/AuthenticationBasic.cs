using System.Text;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("authentication-basic", In.Inbound | In.Backend, Summary = "Authenticates to the backend with user and password.")]
internal sealed record AuthenticationBasicPolicy : Policy, IMessagePolicy, ILight
{
    [XmlAttribute("username", AllowsEmpty = true, Summary = "User.")]
    public required Value<string> UserName { get; init; }

    [XmlAttribute("password", AllowsEmpty = true, Summary = "Password.")]
    public required Value<string> Password { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => compile.OnOwnMessage(CompileEdit(compile));

    public MessageEdit CompileEdit(PolicyCompile compile)
    {
        var constant = UserName.IsConstant && Password.IsConstant ? Header(UserName.Constant, Password.Constant) : null;
        return (context, message) =>
        {
            message.Headers.Authorization = constant ?? Header(UserName.Get(context), Password.Get(context));
            return default;
        };
    }

    private static string Header(string user, string password) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";
}
