using System.Management.Automation;
using System.Security;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Puts passwords on the VNC servers in running pods.</summary>
[Cmdlet(VerbsCommon.Set, "CharlyVncPassword", SupportsShouldProcess = true)]
[OutputType(typeof(VncPassword))]
public sealed class SetCharlyVncPasswordCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Makes a new password up for each pod, keeps it, and emits it.")]
    public SwitchParameter Generate { get; set; }

    [Parameter(HelpMessage = "The password where none is kept yet; without it, one must be kept.")]
    [ValidateNotNullOrEmpty]
    public SecureString? Password { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"VNC server of pod {name}", "Set the password and restart it");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var typed = Password is null ? null : SecretText.Plain(Password);
        var request = new VncPasswordRequest { Name = name, Generate = Generate, Ask = typed is null ? null : (_, _) => Task.FromResult<string?>(typed) };
        work.Write(await new SetVncPassword(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
