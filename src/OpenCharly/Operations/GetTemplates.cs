using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Lists and shows templates.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetTemplates(CharlyContext context)
{
    private readonly TemplateStore _store = new(context.Environment, context.Paths);

    /// <summary>Names of the templates on this machine, sorted.</summary>
    public IReadOnlyList<string> Names() => _store.Names();

    /// <summary>All templates, by name. One that can't be read is told as a warning and left out.</summary>
    public IReadOnlyList<VmTemplate> Run()
    {
        var templates = new List<VmTemplate>();
        foreach (var name in Names())
        {
            try
            {
                templates.Add(_store.Read(name));
            }
            catch (CharlyException e)
            {
                context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"template {name} is left out: {e.Message}"));
            }
        }

        return templates;
    }

    /// <summary>One template with its revisions.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.BadName"/>.</exception>
    public VmTemplate Show(string name) => _store.Read(name);
}
