using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads <c>ephemeral</c> of an entry, and what is on record of it (deploy.md §2, §9).</summary>
internal static class EphemeralReader
{
    /// <summary>What the entry says; null if it is not short-lived.</summary>
    public static EphemeralSettings? Read(YamlBinder entry, string key)
    {
        if (entry.Node("ephemeral") is not { } node) return null;
        var settings = new EphemeralSettings(EphemeralSettings.DefaultLifetime, KeepOnFailure: false, EphemeralSettings.DefaultPattern);
        if (node is not YamlMapping map) return entry.Boolean("ephemeral") == true ? Named(entry, settings, key, node.Position) : null;

        var fields = new YamlBinder(map, entry.What + " ephemeral", entry.Problems);
        if (fields.Text("ttl") is { } text)
        {
            if (Durations.TryParse(text, out var lifetime) && lifetime >= TimeSpan.FromSeconds(1)) settings = settings with { Lifetime = lifetime };
            else fields.Report(Errors.Ephemeral, $"\"ttl\" is \"{text}\"", "Write a length of time from one second to a month, such as 30m, 1h or 1h30m.", fields.At("ttl"));
        }

        settings = settings with { KeepOnFailure = fields.Boolean("keep_on_failure") ?? false, NamingPattern = fields.Text("naming_pattern") ?? EphemeralSettings.DefaultPattern };
        settings = Named(fields, settings, key, map["naming_pattern"]?.Position ?? map.Position);
        fields.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return settings;
    }

    /// <summary>What is on record; null if nothing is. A record without a time that can be read is over.</summary>
    public static EphemeralRuntime? Record(YamlMapping? entry)
    {
        if ((entry?["vm_state"] as YamlMapping)?["ephemeral"] is not YamlMapping map || Text("id") is not { } id) return null;
        return new EphemeralRuntime
        {
            Id = id,
            InstanceName = Text("instance_name") ?? "",
            Deadline = DateTimeOffset.TryParse(Text("ttl_deadline"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.UnixEpoch,
            Status = Text("status") ?? "creating",
            ParentVm = Text("parent_vm"),
            ParentSnapshot = Text("parent_snapshot"),
            ParentEphemeral = Text("parent_ephemeral"),
            ChildRefcount = int.TryParse(Text("child_refcount"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
            TimerUnit = Text("timer_unit"),
        };

        string? Text(string key) => map[key] is YamlScalar { IsNull: false, Text.Length: > 0 } scalar ? scalar.Text : null;
    }

    private static EphemeralSettings Named(YamlBinder fields, EphemeralSettings settings, string key, SourcePosition position)
    {
        if (settings.Suits(key)) return settings;
        fields.Report(
            Errors.Ephemeral, $"\"naming_pattern\" is \"{settings.NamingPattern}\", which makes {settings.NameOf(key, "0a1b2c")} of \"{key}\"",
            "Write {{.UUID6}} and -eph- in it, and perhaps {{.Source}}; the name has up to 63 letters, digits, dashes and underscores.", position);
        return settings with { NamingPattern = EphemeralSettings.DefaultPattern };
    }
}
