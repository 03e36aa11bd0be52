using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Makes a key of GnuPG for the user, unless there is one.</summary>
[Cmdlet(VerbsData.Initialize, "CharlyGpg", SupportsShouldProcess = true)]
[OutputType(typeof(GpgSetup))]
public sealed class InitializeCharlyGpgCommand : CharlyCmdlet
{
    [Parameter(Position = 0, HelpMessage = "Whom a new key names, such as 'Ada <ada@example.org>'; whom git knows if left out.")]
    [ValidateNotNullOrEmpty]
    public string? UserId { get; set; }

    [Parameter(HelpMessage = "Gives a new key no passphrase.")]
    public SwitchParameter NoPassphrase { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess("GnuPG of this user", "Make a key unless there is one")) return;
        Run("gpg", async work => work.Write(await new GpgKeys(work.Context).SetUpAsync(UserId, NoPassphrase, cancellationToken: work.Cancel).ConfigureAwait(false)));
    }
}
