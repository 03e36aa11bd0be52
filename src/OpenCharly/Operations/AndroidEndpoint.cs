using System.Globalization;
using OpenCharly.Android;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Finds the adb server that reaches a device: the one that its entity names, or the one in the pod of its emulator (deploy.md §7.7).</summary>
internal sealed class AndroidEndpoint(CharlyContext context, Project project, Deployment entry)
{
    private const int AdbPort = 5037;
    private const string PortVariable = "${HOST_PORT:";

    /// <summary>Resolves the endpoint.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.AndroidParent"/> if the emulator's pod does not run or publishes no such port.</exception>
    public async Task<AdbEndpoint> ResolveAsync(AndroidDevice device, CancellationToken cancellationToken)
    {
        var written = device.AdbHost ?? PortVariable + AdbPort.ToString(CultureInfo.InvariantCulture) + "}";
        if (written.IndexOf(PortVariable, StringComparison.Ordinal) is >= 0 and var at)
        {
            var number = written[(at + PortVariable.Length)..^1];
            var parent = Parent();
            await RequireRunningAsync(parent, cancellationToken).ConfigureAwait(false);
            written = string.Concat(written.AsSpan(0, at), PublishedPort(parent, int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));
        }

        // A port alone is one of this machine.
        if (written.TrimStart(':').All(char.IsAsciiDigit)) return new AdbEndpoint("127.0.0.1", int.Parse(written.TrimStart(':'), NumberStyles.None, CultureInfo.InvariantCulture), device.Serial);
        return Endpoint.TryParse(written, out var endpoint, device.AdbPort)
            ? new AdbEndpoint(endpoint.Host, endpoint.Port, device.Serial)
            : throw new CharlyException(Errors.AndroidDevice, $"android \"{device.Name}\": \"{written}\" is no adb server", "Write a host name or address.", device.Position, device.Name);
    }

    private Deployment Parent()
    {
        var dot = entry.Key.LastIndexOf('.');
        var parent = dot < 0 ? null : project.FindDeployment(entry.Key[..dot]);
        return parent is { Target: "pod" } ? parent : throw new CharlyException(
            Errors.AndroidParent, $"\"{entry.Key}\" is the emulator of a pod, but it is not nested in one", "Move it below nested: of the pod's entry.", entry.Position, entry.Key);
    }

    private async Task RequireRunningAsync(Deployment parent, CancellationToken cancellationToken)
    {
        var container = "charly-" + parent.Key.Replace('/', '-').Replace('.', '_');
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run(parent.Engine);
        var found = await engine.RunAsync(["container", "inspect", "--format", "{{.State.Running}}", container], cancellationToken).ConfigureAwait(false);
        if (found.Succeeded && found.StandardOutput.Trim() == "true") return;
        throw new CharlyException(Errors.AndroidParent, $"\"{entry.Key}\" runs in {parent.Key}, which is not running", $"Start it: charly start {parent.Key}", entry.Position, entry.Key);
    }

    private int PublishedPort(Deployment parent, int port)
    {
        foreach (var key in new[] { "resolved_port", "port" })
        {
            foreach (var item in (parent.Body?[key] as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
            {
                var parts = item.Text.Split('/')[0].Split(':');
                if (parts.Length >= 2 && parts[^1] == port.ToString(CultureInfo.InvariantCulture) && int.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var host)) return host;
            }
        }

        throw new CharlyException(Errors.AndroidParent, $"{parent.Key} does not publish port {port}, which \"{entry.Key}\" is reached by", $"Add it to port: of {parent.Key}, then: charly config {parent.Key}", parent.Position, entry.Key);
    }
}
