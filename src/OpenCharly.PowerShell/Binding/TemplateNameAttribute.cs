using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Lets a parameter that names templates take them, and their revisions.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TemplateNameAttribute : NameAttribute
{
    /// <summary>Whether a revision stands for itself, and not only for its template.</summary>
    public bool WithRevision { get; set; }

    private protected override string? NameOf(object value) => value switch
    {
        VmTemplate template => template.Name,
        TemplateRevision revision => WithRevision ? $"{revision.Template}@{revision.Revision}" : revision.Template,
        _ => null,
    };
}
