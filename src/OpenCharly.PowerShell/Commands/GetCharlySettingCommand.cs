using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads settings: each with its value, and whether a variable, the settings file or the default decides it.</summary>
[Cmdlet(VerbsCommon.Get, "CharlySetting")]
[OutputType(typeof(Setting))]
public sealed class GetCharlySettingCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Keys of settings, with wildcards; all if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("Key")]
    [ArgumentCompleter(typeof(SettingCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Name, 1, async (work, name) =>
    {
        var settings = new GetSettings(work.Context);
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            work.Write(await settings.GetAsync(name, work.Cancel).ConfigureAwait(false));
            return;
        }

        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        foreach (var setting in settings.List().Where(s => pattern.IsMatch(s.Key))) work.Write(setting);
    });
}
