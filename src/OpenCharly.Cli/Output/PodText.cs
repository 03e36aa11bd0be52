using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>Pods for people.</summary>
internal static class PodText
{
    public static IReadOnlyList<TableColumnSpec> Columns { get; } = [new("KIND"), new("IMAGE"), new("STATUS"), new("PORTS"), new("TUNNEL"), new("DEVICES"), new("TOOLS")];

    public static IReadOnlyList<string> Row(DeploymentState pod) =>
    [
        pod.Kind, pod.Name, pod.Status, Or(string.Join(',', pod.Ports.Select(p => p.HostPort).Distinct().Order())), Or(pod.Tunnel), Or(string.Join(',', pod.Devices)), Or(string.Join(',', pod.Tools)),
    ];

    /// <summary>A line for a deployment, and one for each inside of it.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(DeploymentState pod) => pod.Nested.Select(Child).Prepend(Row(pod));

    public static string OneLine(CharlyPod pod) => $"{pod.Name} {pod.StatusWord}{(pod.Ports.Count > 0 ? ", ports " + string.Join(' ', pod.Ports.Select(Port)) : "")}\n";

    public static string Preview(PodPreview preview) => preview.Changes.Count == 0
        ? $"{preview.Name} is {CharlyPod.WordOf(preview.Status)}; nothing would change\n"
        : $"{preview.Name} is {CharlyPod.WordOf(preview.Status)}\n" + string.Concat(preview.Changes.Select(c => $"  would {c}\n"));

    public static string Details(DeploymentState pod) => TextTable.Pairs(
    [
        ("Kind", pod.Kind),
        ("Image", pod.Name),
        ("Image ref", pod.ImageReference),
        ("Instance", pod.Instance),
        ("Status", pod.Uptime.Length > 0 ? $"{pod.Status} ({pod.Uptime})" : pod.Status),
        ("Container", pod.Container),
        ("Secrets", string.Join(", ", pod.Secrets)),
        ("Mode", pod.RunMode),
        ("Ends", pod.Deadline is { } deadline ? Times.Short(deadline) : null),
        ("Ports", string.Join(", ", pod.Ports.Select(Port))),
        ("Devices", string.Join(", ", pod.Devices)),
        ("Tools", string.Join(", ", pod.Tools)),
        ("Volumes", string.Join(", ", pod.Volumes)),
        ("Network", pod.Network),
        ("Tunnel", pod.Tunnel),
        ("Nested", string.Join(", ", pod.Nested)),
    ]);

    public static string Configuration(PodConfiguration result)
    {
        if (!result.IsDryRun) return $"{result.Name} configured: {result.Image}, {result.Mode}{(result.Ports.Count > 0 ? ", ports " + string.Join(' ', result.Ports) : "")}\n";
        return result.Files.Count == 0 ? $"{result.Name} would run {result.Image} as {result.Container}\n" : string.Join('\n', result.Files.Select(f => $"==> {f.Name}\n{f.Text}"));
    }

    private static IReadOnlyList<string> Child(PodChild child)
    {
        var depth = child.Name.Count(c => c == '.');
        return [child.Kind, $"{new string(' ', 2 * depth)}└─ {child.Name[(child.Name.LastIndexOf('.') + 1)..]}", child.Status, "-", "-", "-", "-"];
    }

    private static string Port(PodPublishedPort port) => $"{(port.HostIp.Contains(':') ? $"[{port.HostIp}]" : port.HostIp)}:{port.HostPort}->{port.ContainerPort}/{port.Protocol}";

    private static string Or(string text) => text.Length > 0 ? text : "-";
}
