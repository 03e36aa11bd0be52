using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads who holds and who claims exclusive resources, and what the resources are (deploy.md §10).</summary>
internal static class ArbiterReader
{
    /// <summary>What an entry holds; null if it may not be stopped for anybody.</summary>
    public static Preemption? Preemptible(YamlBinder entry)
    {
        if (entry.Node("preemptible") is not { } node) return null;
        if (node is not YamlMapping map) return Holding(entry, entry.TextList("preemptible"), node.Position, restoreAlways: true);
        var holder = new YamlBinder(map, entry.What + " preemptible", entry.Problems);
        if (holder.Text("stop") is not (null or "shutdown")) holder.Report(Errors.CfgArbiter, $"\"stop\" is \"{holder.Text("stop")}\"", "The only value is shutdown.", holder.At("stop"));
        var restore = holder.Text("restore");
        if (restore is not (null or "always" or "on-success")) holder.Report(Errors.CfgArbiter, $"\"restore\" is \"{restore}\"", "Use always or on-success.", holder.At("restore"));
        var read = Holding(entry, holder.TextList("holds"), map.Position, restore != "on-success");
        holder.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    /// <summary>What an entry needs for itself.</summary>
    public static IReadOnlyList<string> Claims(YamlBinder entry) => [.. entry.TextList("requires_exclusive").Distinct(StringComparer.Ordinal)];

    /// <summary>The rules that hold between both.</summary>
    public static void Check(YamlBinder entry, Deployment read)
    {
        var holds = read.Preemptible?.Holds ?? [];
        if (holds.Concat(read.RequiresExclusive).Any(string.IsNullOrWhiteSpace)) entry.Report(Errors.CfgArbiter, "an empty resource token", "Name the resource, such as nvidia-gpu.", entry.Mapping.Position);
        foreach (var token in holds.Intersect(read.RequiresExclusive, StringComparer.Ordinal)) entry.Report(Errors.CfgArbiter, $"\"{token}\" is both held and required", "Keep one of them.", entry.Mapping.Position);
    }

    /// <summary>The rules that need the project: what a token's resource is, and whether the claimant's backend can have it.</summary>
    public static void CheckResources(Project project, Deployment deployment, ICollection<Problem> problems)
    {
        foreach (var token in deployment.RequiresExclusive)
        {
            if (project.Entities("resource").GetValueOrDefault(token)?["gpu"] is not { } gpu) continue;
            if (GpuVendor(gpu) is null)
            {
                problems.Add(new Problem(Errors.CfgArbiter, $"resource \"{token}\": the gpu selector needs a \"vendor\" of four hexadecimal digits", "Write vendor: \"0x10de\", as lspci -n shows it.", gpu.Position));
            }
            else if (deployment is { Target: "vm", Vm: { } vm } && BackendOf(project, vm) == "qemu")
            {
                problems.Add(new Problem(Errors.CfgArbiter, $"deploy \"{deployment.Key}\" claims \"{token}\", but the backend qemu hands no devices to machines", $"Use backend: libvirt for vm \"{vm}\".", deployment.At("requires_exclusive")));
            }
        }
    }

    // One with errors of its own is reported for them, where it stands.
    private static string? BackendOf(Project project, string vm)
    {
        try
        {
            return project.FindVm(vm)?.Backend;
        }
        catch (CharlyException)
        {
            return null;
        }
    }

    /// <summary>Vendor of a gpu selector, four lower-case hexadecimal digits; null if it names none.</summary>
    public static string? GpuVendor(YamlNode? selector)
    {
        if (((selector as YamlMapping)?["vendor"] as YamlScalar)?.Text.ToLowerInvariant() is not { } text) return null;
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length == 4 && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }

    private static Preemption Holding(YamlBinder entry, IReadOnlyList<string> holds, SourcePosition position, bool restoreAlways)
    {
        if (holds.Count == 0) entry.Report(Errors.CfgArbiter, "\"preemptible\" holds nothing", "List the tokens in holds:.", position);
        return new Preemption([.. holds.Distinct(StringComparer.Ordinal)], restoreAlways);
    }
}
