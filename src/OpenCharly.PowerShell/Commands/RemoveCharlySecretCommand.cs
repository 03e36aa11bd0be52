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

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "A file of variables that GnuPG encrypts, such as .secrets; names are then those of its variables.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(
        [.. Name.Where(n => ShouldProcess(Path is null ? $"secret {n}" : $"variable {n} of {Path}", "Remove"))],
        1,
        (work, name) => Path is null ? new SetSecret(work.Context).RemoveAsync(name, work.Cancel) : new SecretFile(work.Context, Path).RemoveAsync([name], work.Cancel));
}
