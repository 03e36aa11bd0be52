using System.CommandLine;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly eval vnc passwd</c>: the password of a pod's VNC server.</summary>
internal sealed class VncPasswordCommand : PodCommand
{
    private readonly Option<bool> _generate = Parameters.Flag("--generate", "Make a new one up, keep it, and print it alone");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VncPasswordCommand(CommandHost host) : base(host, "passwd", "Put the password that is kept for a pod, or a new one, on its VNC server")
    {
        Add(_generate);
        Add(_dryRun);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var pod = Pod(run.Parsed);
        var request = new VncPasswordRequest { Name = pod.Name, Instance = pod.Instance, Generate = run.Parsed.GetValue(_generate), Ask = async (question, token) => await run.ReadSecretAsync(question, token).ConfigureAwait(false) };
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, await new SetVncPassword(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false));
        var set = await new SetVncPassword(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.Print(set, s => s.Password is { } password ? password + "\n" : "", (json, s) =>
        {
            json.WriteStartObject();
            json.WriteString("name", s.Name);
            json.WriteString("user", s.User);
            json.WriteString("source", s.Source);
            if (s.Password is { } password) json.WriteString("password", password);
            json.WriteEndObject();
        });
        return 0;
    }
}
