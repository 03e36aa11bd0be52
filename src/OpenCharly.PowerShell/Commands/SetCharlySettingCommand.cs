using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes settings into the settings file, or takes them out.</summary>
[Cmdlet(VerbsCommon.Set, "CharlySetting", SupportsShouldProcess = true, DefaultParameterSetName = "Value")]
[OutputType(typeof(Setting))]
public sealed class SetCharlySettingCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Keys of settings.")]
    [ValidateNotNullOrEmpty]
    [Alias("Key")]
    [ArgumentCompleter(typeof(SettingCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Value", ValueFromPipelineByPropertyName = true, HelpMessage = "The value to write.")]
    [ValidateNotNullOrEmpty]
    public string Value { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "Reset", HelpMessage = "Takes the settings out of the file, so that their defaults are in force.")]
    public SwitchParameter Reset { get; set; }

    [Parameter(HelpMessage = "Emits the settings as they are now.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(
        [.. Name.Where(name => ShouldProcess($"setting {name}", Reset ? "Reset" : $"Set to {Value}"))],
        1,
        async (work, name) =>
        {
            var settings = new SetSetting(work.Context);
            if (Reset) await settings.ResetAsync([name], cancellationToken: work.Cancel).ConfigureAwait(false);
            else await settings.RunAsync(name, Value, work.Cancel).ConfigureAwait(false);
            if (PassThru) work.Write(await new GetSettings(work.Context).GetAsync(name, work.Cancel).ConfigureAwait(false));
        });
}
