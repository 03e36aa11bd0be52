using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes secrets for good.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlySecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlySecretCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names such as charly/secret/DB_PASSWORD.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SecretCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        RunEach([.. Name.Where(n => ShouldProcess($"secret {n}", "Remove"))], 1, (work, name) => new SetSecret(work.Context).RemoveAsync(name, work.Cancel));
}
