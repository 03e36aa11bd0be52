using System.Text.Encodings.Web;
using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Writes the fields of a step as JSON: all that says what the step does, in one order for each kind.</summary>
internal static class StepFields
{
    /// <summary>Fields that say where a file lies on the operator's machine, not what happens: they are in no digest, so
    /// that a project may move without becoming another one. The files themselves are, by their own digests.</summary>
    public static readonly string[] Places = ["candy_folder", "project_folder", "source_path", "source_folder"];

    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Utf8JsonWriter json, InstallStep step)
    {
        json.WriteStartObject();
        switch (step)
        {
            case SystemPackagesStep s: Write(json, s); break;
            case BuilderStep s: Write(json, s); break;
            case OpStep s: Write(json, s); break;
            case FileStep s: Write(json, s); break;
            case ServicePackagedStep s: Write(json, s); break;
            case ServiceCustomStep s: Write(json, s); break;
            case ShellHookStep s: Write(json, s); break;
            case ShellSnippetStep s: Write(json, s); break;
            case RepoChangeStep s: Write(json, s); break;
            case ApkInstallStep s: Write(json, s); break;
            case LocalPkgInstallStep s: Write(json, s); break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SystemPackagesStep s)
    {
        json.WriteString("format", s.Format);
        json.WriteString("phase", StepNames.Of(s.PackagePhase));
        List(json, "packages", s.Packages);
        json.WriteStartArray("repos");
        foreach (var repository in s.Repositories) Repository(json, repository);
        json.WriteEndArray();
        List(json, "options", s.Options);
        List(json, "copr", s.Coprs);
        List(json, "modules", s.Modules);
        List(json, "exclude", s.Exclude);
        List(json, "keys", s.Keys);
        List(json, "cache_mounts", s.CacheMounts);
    }

    private static void Write(Utf8JsonWriter json, BuilderStep s)
    {
        json.WriteString("builder", s.Builder);
        Optional(json, "builder_image", s.BuilderImage);
        json.WriteString("candy_folder", s.CandyFolder);
        List(json, "artifacts", s.Artifacts);
        List(json, "packages", s.Packages);
        List(json, "binaries", s.Binaries);
        Optional(json, "env_name", s.EnvironmentName);
        List(json, "replaces", s.Replaces);
        Files(json, s.Files);
    }

    private static void Write(Utf8JsonWriter json, OpStep s)
    {
        json.WriteString("verb", s.Verb);
        json.WriteString("value", s.Value);
        Optional(json, "to", s.To);
        Optional(json, "content", s.Content);
        Optional(json, "mode", s.Mode);
        json.WriteString("resolved_user", s.ResolvedUser);
        json.WriteString("candy_folder", s.CandyFolder);
        Files(json, s.Files);
        json.WriteBoolean("is_folder", s.IsFolder);
        Optional(json, "extract", s.Extract);
        json.WriteNumber("strip_components", s.StripComponents);
        List(json, "include", s.Include);
        List(json, "uninstall", s.Uninstall);
        Optional(json, "caps", s.Capabilities);
        Map(json, "vars", s.Variables);
        List(json, "secrets", s.Secrets);
        List(json, "cache", s.Cache);
    }

    private static void Write(Utf8JsonWriter json, FileStep s)
    {
        json.WriteString("source_path", s.Source);
        json.WriteString("sha256", s.Sha256);
        json.WriteString("dest", s.Destination);
        json.WriteString("mode", s.Mode);
        Optional(json, "owner", s.Owner);
    }

    private static void Write(Utf8JsonWriter json, ServicePackagedStep s)
    {
        json.WriteString("unit", s.Unit);
        json.WriteString("target_scope", StepNames.Of(s.Scope));
        json.WriteBoolean("enable", s.Enable);
        Optional(json, "overrides_text", s.OverridesText);
        Optional(json, "overrides_path", s.OverridesPath);
    }

    private static void Write(Utf8JsonWriter json, ServiceCustomStep s)
    {
        json.WriteString("name", s.Name);
        json.WriteString("unit_path", s.UnitPath);
        json.WriteString("unit_text", s.UnitText);
        json.WriteString("target_scope", StepNames.Of(s.Scope));
        json.WriteBoolean("enable", s.Enable);
    }

    private static void Write(Utf8JsonWriter json, ShellHookStep s)
    {
        Map(json, "env_vars", s.Variables);
        List(json, "path_add", s.PathEntries);
        json.WriteString("env_file", s.EnvFile);
    }

    private static void Write(Utf8JsonWriter json, ShellSnippetStep s)
    {
        json.WriteString("origin", s.Origin);
        json.WriteString("shell", s.Shell);
        json.WriteString("snippet", s.Snippet);
        List(json, "path_append", s.PathAppend);
        json.WriteString("destination", s.Destination);
        json.WriteString("marker", s.Marker);
        json.WriteBoolean("use_dropin", s.UseDropIn);
        json.WriteNumber("priority", s.Priority);
    }

    private static void Write(Utf8JsonWriter json, RepoChangeStep s)
    {
        json.WriteString("format", s.Format);
        json.WriteString("name", s.Name);
        json.WriteString("file", s.File);
        json.WriteString("content", s.Content);
        json.WriteString("checksum", s.Checksum);
        json.WritePropertyName("repo");
        Repository(json, s.Repository);
    }

    private static void Write(Utf8JsonWriter json, ApkInstallStep s)
    {
        json.WriteStartArray("packages");
        foreach (var apk in s.Packages)
        {
            json.WriteStartObject();
            Optional(json, "package", apk.Package);
            Optional(json, "apk", apk.Apk);
            Optional(json, "source", apk.Source);
            Optional(json, "arch", apk.Arch);
            Optional(json, "version", apk.Version);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("candy_folder", s.CandyFolder);
    }

    private static void Write(Utf8JsonWriter json, LocalPkgInstallStep s)
    {
        json.WriteString("format", s.Format);
        json.WriteString("source", s.Source);
        json.WriteString("source_folder", s.SourceFolder);
        Optional(json, "builder_image", s.BuilderImage);
        json.WriteString("candy_folder", s.CandyFolder);
        json.WriteString("project_folder", s.ProjectFolder);
        Files(json, s.Files);
    }

    private static void Repository(Utf8JsonWriter json, PackageRepository r)
    {
        json.WriteStartObject();
        json.WriteString("name", r.Name);
        Optional(json, "url", r.Url);
        Optional(json, "key", r.Key);
        Optional(json, "signed_by", r.SignedBy);
        Optional(json, "suite", r.Suite);
        Optional(json, "components", r.Components);
        Optional(json, "ppa", r.Ppa);
        Optional(json, "rpm", r.ReleasePackage);
        if (r.GpgCheck is { } check) json.WriteBoolean("gpgcheck", check);
        Optional(json, "server", r.Server);
        Optional(json, "siglevel", r.SigLevel);
        json.WriteEndObject();
    }

    private static void Files(Utf8JsonWriter json, IReadOnlyList<CandyFile> files)
    {
        json.WriteStartArray("files");
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("sha256", file.Sha256);
            json.WriteNumber("size", file.Size);
            json.WriteString("mode", file.Mode);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void List(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    internal static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    internal static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }
}
