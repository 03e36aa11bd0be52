using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>A cmdlet that works on templates that exist: wildcards are expanded to the templates on this machine.</summary>
public abstract class CharlyTemplateCmdlet : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of templates; wildcards are allowed. Takes templates and revisions from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [TemplateName]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Name.SelectMany(Expand).Where(Approve)], 1, WorkOnAsync);

    /// <summary>Asks the user, for cmdlets that change something.</summary>
    private protected virtual bool Approve(string name) => true;

    /// <summary>Does the work for one template.</summary>
    private protected abstract Task WorkOnAsync(Work work, string name);

    private IEnumerable<string> Expand(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name)) return [name];
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return TryAsk(name, work => Task.FromResult(new GetTemplates(work.Context).Names()), out var names) ? names.Where(pattern.IsMatch) : [];
    }
}
