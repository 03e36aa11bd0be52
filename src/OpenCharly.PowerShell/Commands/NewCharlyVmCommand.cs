using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Defines a virtual machine from its description in the project, and boots it if asked.</summary>
[Cmdlet(VerbsCommon.New, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(VmDeployState))]
public sealed class NewCharlyVmCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of machines that the project describes.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmEntityCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Name of an instance, so that several machines come from one description.")]
    [ValidateNotNullOrEmpty]
    public string? Instance { get; set; }

    [Parameter(HelpMessage = "Memory instead of the described, such as 2G.")]
    [Alias("Memory")]
    [ValidateNotNullOrEmpty]
    public string? Ram { get; set; }

    [Parameter(HelpMessage = "Number of processors instead of the described.")]
    [Alias("VCpus")]
    [ValidateRange(1, 1024)]
    public int? Cpus { get; set; }

    [Parameter(HelpMessage = "Where the ssh key comes from: auto, generate, none or the path of a key.")]
    [ValidateNotNullOrEmpty]
    public string? SshKey { get; set; }

    [Parameter(HelpMessage = "Boots the machine and waits until ssh answers.")]
    public SwitchParameter Start { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var action = Start ? "Create and start" : "Create";
        var names = Name.Where(name => ShouldProcess($"virtual machine {Describe(name)}", action)).ToArray();
        RunEach(names, 1, async (work, name) =>
        {
            var request = new CreateVmRequest { Name = name, Instance = Instance, Ram = Ram, Cpus = Cpus, SshKey = SshKey, Start = Start };
            work.Write(await new CreateVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
        });
    }

    private string Describe(string name) => Instance is null ? name : $"{name}/{Instance}";
}
