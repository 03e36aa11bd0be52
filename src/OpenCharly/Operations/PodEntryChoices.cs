using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Lays over a pod's entry what is chosen for it elsewhere: on the command line, in the variable for its volumes, in the defaults of the project.</summary>
/// <param name="environment">Variables, and where relative paths begin.</param>
internal sealed class PodEntryChoices(CharlyEnvironment environment)
{
    /// <summary>The entry with all that. Nothing is written.</summary>
    /// <exception cref="CharlyException">A choice that can't be read.</exception>
    public PodEntry Lay(PodEntry entry, ConfigurePodRequest request, Project project)
    {
        var volumes = entry.Volumes;
        if (environment.Variable(entry.Key.VolumesVariable) is { } words) volumes = VolumeChoices.Merge(volumes, words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(w => VolumeChoices.Parse(w)));
        volumes = VolumeChoices.Merge(volumes, [.. request.Volumes.Select(v => VolumeChoices.Parse(v)), .. request.Binds.Select(VolumeChoices.ParseBind), .. request.Encrypts.Select(VolumeChoices.ParseEncrypted)]);
        var tunnel = entry.Tunnel;
        if (tunnel is null && project.Defaults is { } defaults && defaults["tunnel"] is not null)
        {
            var problems = new List<Problem>();
            tunnel = TunnelReader.Read(new YamlBinder(defaults, "defaults", problems));
            CharlyValidationException.ThrowIfAny(problems);
            if (tunnel is not null && entry.Hostname is { } own) tunnel = tunnel with { Hostname = own };
        }

        return entry with
        {
            Volumes = volumes,
            Tunnel = tunnel,
            Ports = Repin(entry.Ports, request.Ports),
            EnvironmentFile = request.EnvironmentFile is { } file ? environment.Resolve(file) : entry.EnvironmentFile,
            Security = entry.Security with
            {
                MemoryMax = Limit("--memory-max", request.MemoryMax) ?? entry.Security.MemoryMax, MemoryHigh = Limit("--memory-high", request.MemoryHigh) ?? entry.Security.MemoryHigh,
                MemorySwapMax = Limit("--memory-swap-max", request.MemorySwapMax) ?? entry.Security.MemorySwapMax, Cpus = Limit("--cpus", request.Cpus) ?? entry.Security.Cpus,
            },
            Sidecars = [.. entry.Sidecars, .. request.Sidecars.Where(s => entry.Sidecars.All(e => e.Name != s)).Distinct().Select(s => new SidecarEntry { Name = s })],
        };

        static string? Limit(string option, string? value) => value is null || (value.Length > 0 && !value.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            ? value
            : throw new CharlyException(Errors.Usage, $"{option} is \"{value.ReplaceLineEndings("⏎")}\"", "Write a size such as 2g, or a number of processors.");
    }

    // A pin given now replaces those of its container port, and keeps their protocol.
    private static IReadOnlyList<SourcedText> Repin(IReadOnlyList<SourcedText> pins, IReadOnlyList<string> given)
    {
        var position = new SourcePosition("-p", 1, 1);
        var all = pins.ToList();
        foreach (var text in given)
        {
            if (!PortMapping.TryParse(text, out var pin)) throw new CharlyException(Errors.PodPort, $"invalid deploy port pin \"{text}\"", PortMapping.Forms);
            var at = all.FindIndex(p => PortMapping.TryParse(p.Text, out var old) && old.ContainerPort == pin.ContainerPort && (pin.Protocol is null || pin.Protocol == old.EffectiveProtocol));
            if (at < 0)
            {
                all.Add(new SourcedText(pin.ToString(), position));
                continue;
            }

            if (PortMapping.TryParse(all[at].Text, out var replaced)) pin = pin with { Protocol = pin.Protocol ?? replaced.Protocol, Address = pin.Address ?? replaced.Address };
            all[at] = new SourcedText(pin.ToString(), position);
        }

        return all;
    }
}
