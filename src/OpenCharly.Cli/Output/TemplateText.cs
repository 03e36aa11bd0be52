using OpenCharly.Vms.Templates;

namespace OpenCharly.Cli.Output;

/// <summary>Templates for people.</summary>
internal static class TemplateText
{
    private const string Unknown = "-";

    public static IReadOnlyList<TableColumnSpec> Columns { get; } =
        [new("NAME"), new("ROLE"), new("PROFILE"), new("VCPUS", IsNumber: true), new("MEM", IsNumber: true), new("BUILDER"), new("REVISIONS", IsNumber: true), new("CURRENT")];

    public static IReadOnlyList<string> Row(VmTemplate template) => template.IsDefined
        ? [template.Name, template.Role, template.Profile, $"{template.Vcpus}", $"{template.MemMib}", BuilderOf(template), $"{template.Revisions.Count}", template.Current ?? Unknown]
        : [template.Name, Unknown, Unknown, Unknown, Unknown, Unknown, $"{template.Revisions.Count}", template.Current ?? Unknown];

    public static string Details(VmTemplate template) => TextTable.Pairs(
    [
        ("Name", template.Name),
        ("Path", template.Path),
        ("Flake", template.IsDefined ? template.FlakeRef : null),
        ("Profile", template.IsDefined ? template.Profile : null),
        ("Role", template.IsDefined ? template.Role : null),
        ("vCPUs", template.IsDefined ? $"{template.Vcpus}" : null),
        ("Memory", template.IsDefined ? $"{template.MemMib} MB" : null),
        ("Data disk", template.DataDiskMib > 0 ? $"{template.DataDiskMib} MB" : null),
        ("Builder", template.IsDefined ? BuilderOf(template) : null),
        ("Created", template.CreatedAt is { } created ? Times.Short(created) : null),
        ("Updated", template.UpdatedAt is { } updated ? Times.Short(updated) : null),
        ("Current", template.Current ?? Unknown),
        .. template.Revisions.Select(r => ("Revision", (string?)$"{r.Revision}  {Times.Short(r.BuiltAt)}")),
    ]);

    public static string Made(VmTemplate template) => $"template {template.Name} in {template.Path}\n";

    public static string Built(TemplateRevision revision) => $"{revision.Template} {revision.Revision} in {revision.Path}\n";

    public static string Pushed(TemplateRevision revision) => $"{revision.Template} {revision.Revision} pushed\n";

    public static string Pulled(TemplateRevision revision) => $"{revision.Template} {revision.Revision} pulled into {revision.Path}\n";

    public static string Verified(TemplateVerification result) => $"{result.Template} {result.Revision}: {result.Files.Count} files are as their checksums say\n";

    private static string BuilderOf(VmTemplate template) => template.Builder?.Kind ?? "nix";
}
