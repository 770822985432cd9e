using System.CommandLine;
using Postern.Commands;

var root = new RootCommand("An open, self-contained Azure API Management self-hosted gateway and the control plane behind it.")
{
    UpCommand.Create(),
    GatewayCommand.Create(),
    DoctorCommand.Create(),
    ConfigCommand.Create(),
    PolicyCommand.Create(),
    RoleDefinitionCommand.Create(),
    ControlPlaneCommand.Create(),
    AuthorityCommand.Create(),
};

// Ctrl-C and SIGTERM cancel the running command, which then has the grace period that Kubernetes gives a pod by default.
// No response files: "@FILE" is an argument of ours, as it is of az.
return await root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(55) });
