using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Pods;

/// <summary>Reads <c>sidecar:</c> maps of entries and templates (pod.md §11).</summary>
internal static class SidecarReader
{
    /// <summary>The sidecars of an entry, in order.</summary>
    public static IReadOnlyList<SidecarEntry> Entries(YamlBinder entry)
    {
        var sidecars = new List<SidecarEntry>();
        foreach (var item in entry.Map("sidecar")?.Entries ?? [])
        {
            var name = item.Key.Text;
            if (!Patterns.Volume().IsMatch(name)) entry.Report(Errors.PodSidecar, $"\"{name}\" can't name a sidecar", "Use a-z, 0-9 and single dashes between.", item.Key.Position);
            if (item.Value is YamlScalar { IsNull: true })
            {
                sidecars.Add(new SidecarEntry { Name = name, Position = item.Key.Position });
                continue;
            }

            if (item.Value is not YamlMapping map)
            {
                entry.Report(Errors.YamlType, $"sidecar.{name} must be a mapping, not {item.Value.Description}", "Write its fields as key: value.", item.Value.Position);
                continue;
            }

            var sidecar = new YamlBinder(map, $"{entry.What} sidecar \"{name}\"", entry.Problems);
            sidecars.Add(new SidecarEntry
            {
                Name = name,
                Position = item.Key.Position,
                Description = sidecar.Text("description"),
                Image = sidecar.Text("image"),
                Parameters = sidecar.TextMap("parameter"),
                Environment = DeploymentReader.Environment(sidecar),
                Secrets = sidecar.Has("secret") ? Secrets(sidecar) : null,
                Volumes = sidecar.Has("volume") ? Volumes(sidecar) : null,
                Security = sidecar.Map("security") is { } security
                    ? CandyContainerReader.Security(new YamlBinder(security, sidecar.What + " security", entry.Problems), b => b.RejectUnknown(Errors.CfgUnknownKey, isWarning: true))
                    : null,
            });
            sidecar.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        }

        return sidecars;
    }

    private static IReadOnlyList<CandySecret> Secrets(YamlBinder sidecar)
    {
        var secrets = new List<CandySecret>();
        foreach (var map in sidecar.Items("secret").OfType<YamlMapping>())
        {
            var secret = new YamlBinder(map, sidecar.What + " secret", sidecar.Problems);
            var name = secret.Text("name") ?? "";
            var variable = secret.Text("env");
            if (!Patterns.Volume().IsMatch(name)) secret.Report(Errors.PodSidecar, $"\"{name}\" can't name a secret", "Use a-z, 0-9 and single dashes between.", secret.At("name"));
            if (variable is not null && !Names.IsVariable(variable)) secret.Report(Errors.PodSidecar, $"\"{variable}\" can't name a variable", "Use letters, digits, underscores.", secret.At("env"));
            secrets.Add(new CandySecret(name, variable ?? "", secret.Text("target") ?? ""));
            secret.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        }

        return secrets;
    }

    private static IReadOnlyList<CandyVolume> Volumes(YamlBinder sidecar)
    {
        var volumes = new List<CandyVolume>();
        foreach (var map in sidecar.Items("volume").OfType<YamlMapping>())
        {
            var volume = new YamlBinder(map, sidecar.What + " volume", sidecar.Problems);
            var name = volume.Text("name") ?? "";
            var path = volume.Text("path") ?? "";
            if (!Patterns.Volume().IsMatch(name)) volume.Report(Errors.PodSidecar, $"\"{name}\" can't name a volume", "Use a-z, 0-9 and single dashes between.", volume.At("name"));
            if (!path.StartsWith('/') || Patterns.Climbs(path) || path.Contains(':') || !Patterns.IsOneLine(path)) volume.Report(Errors.PodSidecar, $"\"path\" is \"{path}\"", "Give an absolute path without colons.", volume.At("path"));
            volumes.Add(new CandyVolume(name, path));
            volume.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        }

        return volumes;
    }
}
