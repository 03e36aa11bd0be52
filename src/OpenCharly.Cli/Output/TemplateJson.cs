using System.Text.Json;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Cli.Output;

/// <summary>Templates as JSON, with the keys of their files.</summary>
internal static class TemplateJson
{
    public static void Write(Utf8JsonWriter json, VmTemplate template)
    {
        json.WriteStartObject();
        json.WriteString("template_id", template.Name);
        json.WriteString("path", template.Path);
        if (template.IsDefined)
        {
            json.WriteString("flake_ref", template.FlakeRef);
            json.WriteString("profile", template.Profile);
            json.WriteString("role", template.Role);
            json.WriteNumber("vcpus", template.Vcpus);
            json.WriteNumber("mem_mib", template.MemMib);
            json.WriteNumber("data_disk_mib", template.DataDiskMib);
            json.Text("builder", template.Builder?.Kind);
            json.Time("created_at", template.CreatedAt);
            json.Time("updated_at", template.UpdatedAt);
        }

        json.Text("current", template.Current);
        json.Objects("revisions", template.Revisions, Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, TemplateRevision revision)
    {
        json.WriteStartObject();
        json.WriteString("template_id", revision.Template);
        json.WriteString("revision_hash", revision.Revision);
        json.WriteString("path", revision.Path);
        json.WriteBoolean("current", revision.IsCurrent);
        json.WriteString("flake_ref", revision.FlakeRef);
        json.WriteString("flake_lock_hash", revision.FlakeLockHash);
        json.WriteString("cache_key", revision.CacheKey);
        json.Time("built_at", revision.BuiltAt);
        json.WriteString("profile", revision.Profile);
        json.WriteString("role", revision.Role);
        json.WriteNumber("vcpus", revision.Vcpus);
        json.WriteNumber("mem_mib", revision.MemMib);
        json.WriteNumber("data_disk_mib", revision.DataDiskMib);
        json.WriteString("vmlinux", revision.Kernel);
        json.WriteString("rootfs", revision.RootFs);
        json.Text("initrd", revision.Initrd);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, TemplateVerification result)
    {
        json.WriteStartObject();
        json.WriteString("template_id", result.Template);
        json.WriteString("revision_hash", result.Revision);
        json.WriteBoolean("intact", result.IsIntact);
        json.WriteStartObject("files");
        foreach (var file in result.Files) json.WriteString(file.Name, file.Actual);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
