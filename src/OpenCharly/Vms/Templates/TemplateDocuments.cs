using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>The JSON files of a template (vm.md §10), read and written.</summary>
internal static class TemplateDocuments
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>template.json</c>.</summary>
    public static byte[] Write(VmTemplate template) => Document(json =>
    {
        json.WriteString("template_id", template.Name);
        json.WriteString("flake_ref", template.FlakeRef);
        json.WriteString("profile", template.Profile);
        json.WriteString("role", template.Role);
        json.WriteNumber("vcpus", template.Vcpus);
        json.WriteNumber("mem_mib", template.MemMib);
        json.WriteNumber("data_disk_mib", template.DataDiskMib);
        json.WriteString("created_at", Time(template.CreatedAt!.Value));
        json.WriteString("updated_at", Time(template.UpdatedAt!.Value));
        if (template.Builder is not { } builder) return;
        json.WriteStartObject("builder");
        json.WriteString("kind", builder.Kind);
        switch (builder)
        {
            case CommandTemplateBuilder command:
                Texts(json, "run", command.Run);
                json.WriteStartObject("env");
                foreach (var (name, value) in command.Env.OrderBy(e => e.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                json.WriteEndObject();
                break;
            case DebootstrapTemplateBuilder debian:
                if (debian.Suite is not null) json.WriteString("suite", debian.Suite);
                if (debian.Mirror is not null) json.WriteString("mirror", debian.Mirror);
                if (debian.Components.Count > 0) Texts(json, "components", debian.Components);
                Texts(json, "package", debian.Packages);
                if (debian.KernelPackage is not null) json.WriteString("kernel_package", debian.KernelPackage);
                break;
        }

        json.WriteEndObject();
    });

    /// <summary>Reads <c>template.json</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    public static VmTemplate ReadTemplate(string file, string id) => TemplateReader.Read(file, json =>
    {
        var named = json.Text("template_id", id);
        if (named != id) throw TemplateReader.Corrupt(file, $"it describes the template \"{named}\"");
        var created = json.Time("created_at") ?? new DateTimeOffset(File.GetLastWriteTimeUtc(file));
        return new VmTemplate
        {
            Name = id,
            FlakeRef = json.Text("flake_ref", "."),
            Profile = json.Text("profile", "default"),
            Role = json.Text("role", "worker"),
            Vcpus = json.Number("vcpus", 2, 1),
            MemMib = json.Number("mem_mib", 1024, 1),
            DataDiskMib = json.Number("data_disk_mib", 0, 0),
            CreatedAt = created,
            UpdatedAt = json.Time("updated_at") ?? created,
            Builder = json.Object("builder") is { } builder ? ReadBuilder(file, builder) : null,
        };
    });

    /// <summary><c>revision.json</c>.</summary>
    public static byte[] Write(TemplateRevision revision) => Document(json =>
    {
        json.WriteString("revision_hash", revision.Revision);
        json.WriteString("flake_ref", revision.FlakeRef);
        json.WriteString("flake_lock_hash", revision.FlakeLockHash);
        json.WriteStartObject("artifact_paths");
        json.WriteString("vmlinux", revision.Kernel);
        json.WriteString("rootfs", revision.RootFs);
        json.WriteString("fc_base_config", TemplateFiles.Boot);
        if (revision.Initrd is not null) json.WriteString("initrd", revision.Initrd);
        json.WriteEndObject();
        json.WriteString("built_at", Time(revision.BuiltAt));
        json.WriteString("profile", revision.Profile);
        json.WriteString("role", revision.Role);
        json.WriteNumber("vcpus", revision.Vcpus);
        json.WriteNumber("mem_mib", revision.MemMib);
        json.WriteNumber("data_disk_mib", revision.DataDiskMib);
    });

    /// <summary>Reads <c>revision.json</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    public static TemplateRevision ReadRevision(string folder, string template, string revision) => TemplateReader.Read(Path.Combine(folder, TemplateFiles.Revision), json =>
    {
        var paths = json.Object("artifact_paths");
        return new TemplateRevision
        {
            Template = template,
            Revision = revision,
            Path = folder,
            FlakeRef = json.Text("flake_ref", ""),
            FlakeLockHash = json.Text("flake_lock_hash", revision),
            BuiltAt = json.Time("built_at") ?? default,
            Profile = json.Text("profile", "default"),
            Role = json.Text("role", "worker"),
            Vcpus = json.Number("vcpus", 2, 1),
            MemMib = json.Number("mem_mib", 1024, 1),
            DataDiskMib = json.Number("data_disk_mib", 0, 0),
            Kernel = paths?.FileName("vmlinux") ?? TemplateFiles.Kernel,
            RootFs = paths?.FileName("rootfs") ?? TemplateFiles.RootFs,
            Initrd = paths?.FileName("initrd"),
        };
    });

    /// <summary><c>fc-base.json</c>.</summary>
    public static byte[] WriteBoot(VmTemplate template, bool hasInitrd) => Document(json =>
    {
        json.WriteStartObject("boot-source");
        json.WriteString("kernel_image_path", TemplateFiles.Kernel);
        json.WriteString("boot_args", TemplateBoot.DefaultArgs);
        if (hasInitrd) json.WriteString("initrd_path", TemplateFiles.Initrd);
        json.WriteEndObject();
        json.WriteStartArray("drives");
        json.WriteStartObject();
        json.WriteString("drive_id", "rootfs");
        json.WriteString("path_on_host", TemplateFiles.RootFs);
        json.WriteBoolean("is_root_device", true);
        json.WriteBoolean("is_read_only", false);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("machine-config");
        json.WriteNumber("vcpu_count", template.Vcpus);
        json.WriteNumber("mem_size_mib", template.MemMib);
        json.WriteEndObject();
    });

    /// <summary>Reads <c>fc-base.json</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    public static TemplateBoot ReadBoot(string folder) => TemplateReader.Read(Path.Combine(folder, TemplateFiles.Boot), json =>
    {
        var source = json.Object("boot-source");
        return new TemplateBoot(
            source?.Text("boot_args") ?? TemplateBoot.DefaultArgs,
            source?.FileName("kernel_image_path") ?? TemplateFiles.Kernel,
            source?.FileName("initrd_path"),
            json.Objects("drives").FirstOrDefault(d => d.Text("drive_id") == "rootfs")?.FileName("path_on_host") ?? TemplateFiles.RootFs);
    });

    /// <summary><c>checksums.json</c>.</summary>
    public static byte[] WriteChecksums(string template, string revision, SortedDictionary<string, string> files) => Document(json =>
    {
        json.WriteString("template_id", template);
        json.WriteString("revision_hash", revision);
        json.WriteStartObject("files");
        foreach (var (name, digest) in files) json.WriteString(name, digest);
        json.WriteEndObject();
    });

    /// <summary>Reads <c>checksums.json</c>, which must be about this revision.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    public static SortedDictionary<string, string> ReadChecksums(string file, ReadOnlyMemory<byte> bytes, string template, string revision) => TemplateReader.Parse(file, bytes, json =>
    {
        var (named, hash) = (json.Required("template_id"), json.Required("revision_hash"));
        if ((named, hash) != (template, revision)) throw TemplateReader.Corrupt(file, $"it is about {named}@{hash}, not {template}@{revision}");
        var files = json.Map("files");
        foreach (var (name, digest) in files)
        {
            if (!TemplateStore.IsSafe(name)) throw TemplateReader.Corrupt(file, $"\"{name}\" is no plain file name");
            if (digest.Length != 64 || !digest.All(char.IsAsciiHexDigitLower)) throw TemplateReader.Corrupt(file, $"the checksum of {name} is no SHA-256 in lower-case hex");
        }

        return files;
    });

    private static TemplateBuilder ReadBuilder(string file, TemplateReader json) => json.Required("kind") switch
    {
        "command" => new CommandTemplateBuilder(json.Texts("run"), json.Map("env")),
        "debootstrap" => new DebootstrapTemplateBuilder
        {
            Suite = json.Text("suite"),
            Mirror = json.Text("mirror"),
            Components = json.Texts("components"),
            Packages = json.Texts("package"),
            KernelPackage = json.Text("kernel_package"),
        },
        "nix" => new NixTemplateBuilder(),
        var other => throw TemplateReader.Corrupt(file, $"\"{other}\" is no builder; the builders are command, debootstrap and nix"),
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static byte[] Document(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
