using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Describes templates, over what is there.</summary>
[Cmdlet(VerbsCommon.New, "CharlyTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(VmTemplate))]
public sealed class NewCharlyTemplateCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Name of the template; with several roles, what the names of the templates begin with.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string Name { get; set; } = "";

    [Parameter(HelpMessage = "Where its sources are: a folder, or a reference such as github:example/images.")]
    [Alias("Flake")]
    [ValidateNotNullOrEmpty]
    public string FlakeRef { get; set; } = ".";

    [Parameter(HelpMessage = "Which of several outputs of the sources.")]
    [ValidateNotNullOrEmpty]
    public string Profile { get; set; } = "default";

    [Parameter(HelpMessage = "What its machines do; several roles make a template each, called NAME-ROLE.")]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = [];

    [Parameter(HelpMessage = "Processors of its machines.")]
    [Alias("Cpus")]
    [ValidateRange(1, 1024)]
    public int VCpus { get; set; } = 2;

    [Parameter(HelpMessage = "Memory of its machines, such as 2G; a bare number is MB.")]
    [ValidateNotNullOrEmpty]
    public string Memory { get; set; } = "1024";

    [Parameter(HelpMessage = "A blank second disk, such as 10G; a bare number is MB; 0 for none.")]
    [ValidateNotNullOrEmpty]
    public string DataDisk { get; set; } = "0";

    [Parameter(HelpMessage = "How it is built; if left out, by what else is given, or by Nix.")]
    [ValidateSet("command", "debootstrap", "nix")]
    public string? Builder { get; set; }

    [Parameter(HelpMessage = "Builder command: command lines for sh that leave vmlinux and rootfs.ext4 in $OUT.")]
    [Alias("Run")]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

    [Parameter(HelpMessage = "Builder command: variables, NAME=VALUE.")]
    [ValidateNotNullOrEmpty]
    public string[] Env { get; set; } = [];

    [Parameter(HelpMessage = "Builder debootstrap: suite, such as bookworm; trixie if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Suite { get; set; }

    [Parameter(HelpMessage = "Builder debootstrap: mirror; this machine's own if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Mirror { get; set; }

    [Parameter(HelpMessage = "Builder debootstrap: components of the archive; main if left out.")]
    [ValidateNotNullOrEmpty]
    public string[] Component { get; set; } = [];

    [Parameter(HelpMessage = "Builder debootstrap: packages beyond what a machine needs to boot and be reached.")]
    [ValidateNotNullOrEmpty]
    public string[] Package { get; set; } = [];

    [Parameter(HelpMessage = "Builder debootstrap: package of the kernel.")]
    [ValidateNotNullOrEmpty]
    public string? KernelPackage { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"template {Name}", "Describe")) return;
        var request = new CreateTemplateRequest
        {
            Name = Name,
            FlakeRef = FlakeRef,
            Profile = Profile,
            Role = Role.Length == 1 ? Role[0] : "worker",
            Roles = Role.Length > 1 ? Role : [],
            Vcpus = VCpus,
            Memory = Memory,
            DataDisk = DataDisk,
            Builder = Builder,
            Run = Command,
            Env = Env,
            Suite = Suite,
            Mirror = Mirror,
            Components = Component,
            Packages = Package,
            KernelPackage = KernelPackage,
        };
        Run(Name, async work =>
        {
            foreach (var template in await new CreateTemplate(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(template);
        });
    }
}
