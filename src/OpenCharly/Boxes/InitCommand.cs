using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>What starts the services of a container, by init system (pod.md §14.2).</summary>
public static class InitCommand
{
    private static readonly string[] Supervisord = ["supervisord", "-n", "-c", SupervisorText.Path];
    private static readonly string[] Systemd = ["/sbin/init"];

    /// <summary>The words of the command; empty if the init system has none. A project's own <c>init:</c> entry wins.</summary>
    /// <param name="project">The project; null to use the built-in vocabulary alone.</param>
    /// <param name="init">Init system.</param>
    public static IReadOnlyList<string> Of(Project? project, string init) => project?.Entities("init").GetValueOrDefault(init)?["entrypoint"] switch
    {
        YamlSequence list => [.. list.Items.OfType<YamlScalar>().Select(i => i.Text)],
        YamlScalar { IsNull: false } line => line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        _ => init switch
        {
            "supervisord" => Supervisord,
            "systemd" => Systemd,
            _ => [],
        },
    };
}
