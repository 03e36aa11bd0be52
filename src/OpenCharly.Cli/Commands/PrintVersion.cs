using System.CommandLine;
using System.CommandLine.Invocation;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly version</c> and <c>charly --version</c>.</summary>
internal sealed class PrintVersion(CommandHost host) : AsynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override async Task<int> InvokeAsync(ParseResult parseResult, CancellationToken cancellationToken = default)
    {
        using var run = new Invocation(host, parseResult);
        return await RunAsync(run, cancellationToken).ConfigureAwait(false);
    }

    public static Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.Print(BuildVersion.Text, text => $"charly {text}\n", (json, text) =>
        {
            json.WriteStartObject();
            json.WriteString("version", text);
            json.WriteString("runtime", Environment.Version.ToString());
            json.WriteString("platform", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier);
            json.WriteEndObject();
        });
        return Task.FromResult(0);
    }
}
