using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Defines a virtual machine from its description in the project, or from an image, and boots it if asked.</summary>
[Cmdlet(VerbsCommon.New, "CharlyVm", SupportsShouldProcess = true, DefaultParameterSetName = Entity)]
[OutputType(typeof(VmDeployState), ParameterSetName = [Entity])]
[OutputType(typeof(CharlyVm), ParameterSetName = [OfImage, OfUrl, OfTemplate])]
public sealed class NewCharlyVmCommand : CharlyCmdlet
{
    private const string Entity = "Entity";
    private const string OfImage = "Image";
    private const string OfUrl = "ImageUrl";
    private const string OfTemplate = "Template";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of machines that the project describes; with an image, names of the new machines.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmEntityCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(ParameterSetName = Entity, HelpMessage = "Name of an instance, so that several machines come from one description.")]
    [ValidateNotNullOrEmpty]
    public string? Instance { get; set; }

    [Parameter(ParameterSetName = Entity, HelpMessage = "Wakes the machine from the memory that a snapshot of a running one holds, with an identity of its own: the snapshot, or machine@snapshot.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string? FromState { get; set; }

    [Parameter(HelpMessage = "Memory instead of the described, such as 2G; of a machine of an image, 1024 MB if left out.")]
    [Alias("Memory")]
    [ValidateNotNullOrEmpty]
    public string? Ram { get; set; }

    [Parameter(HelpMessage = "Number of processors instead of the described; of a machine of an image, 1 if left out.")]
    [Alias("VCpus")]
    [ValidateRange(1, 1024)]
    public int? Cpus { get; set; }

    [Parameter(HelpMessage = "Where the ssh key comes from: auto, generate, none or the path of a key; with an image, the public key file for the account vm.")]
    [ValidateNotNullOrEmpty]
    public string? SshKey { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = OfImage, HelpMessage = "Disk image to make the machine of, without a description in the project.")]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = OfUrl, HelpMessage = "Address of the image to make the machine of.")]
    [ValidateNotNullOrEmpty]
    public string? ImageUrl { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = OfTemplate, HelpMessage = "Template to make the machine of, NAME or NAME@REVISION: its kernel boots its root file system.")]
    [ValidateNotNullOrEmpty]
    [TemplateName(WithRevision = true)]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string? Template { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Size of the disk in GB; the image's own if left out.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Size of the disk in GB; the image's own if left out.")]
    [Parameter(ParameterSetName = OfTemplate, HelpMessage = "Size of the disk in GB; the image's own if left out.")]
    [ValidateRange(1, int.MaxValue)]
    public int? Disk { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Bridge of this host that the machine joins, instead of user networking.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Bridge of this host that the machine joins, instead of user networking.")]
    [Parameter(ParameterSetName = OfTemplate, HelpMessage = "Bridge of this host that the machine joins, instead of user networking.")]
    [ValidateNotNullOrEmpty]
    public string? Bridge { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "File with cloud-init user-data, which is handed to the guest unchanged.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "File with cloud-init user-data, which is handed to the guest unchanged.")]
    [Parameter(ParameterSetName = OfTemplate, HelpMessage = "File with cloud-init user-data, which is handed to the guest unchanged.")]
    [ValidateNotNullOrEmpty]
    public string? CloudInit { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Boots by UEFI.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Boots by UEFI.")]
    public SwitchParameter Uefi { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Ports of this host that lead into the guest: [address:]host:guest[/tcp|/udp].")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Ports of this host that lead into the guest: [address:]host:guest[/tcp|/udp].")]
    [Parameter(ParameterSetName = OfTemplate, HelpMessage = "Ports of this host that lead into the guest: [address:]host:guest[/tcp|/udp].")]
    [ValidateNotNullOrEmpty]
    public string[] PortForward { get; set; } = [];

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Kernel to boot instead of what is on the disk.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Kernel to boot instead of what is on the disk.")]
    [ValidateNotNullOrEmpty]
    public string? Kernel { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Initial RAM disk of that kernel.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Initial RAM disk of that kernel.")]
    [ValidateNotNullOrEmpty]
    public string? Initrd { get; set; }

    [Parameter(ParameterSetName = OfImage, HelpMessage = "Command line of that kernel.")]
    [Parameter(ParameterSetName = OfUrl, HelpMessage = "Command line of that kernel.")]
    [ValidateNotNullOrEmpty]
    public string? Append { get; set; }

    [Parameter(HelpMessage = "Boots the machine; one of the project's is also waited for until ssh answers.")]
    public SwitchParameter Start { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var action = Start ? "Create and start" : "Create";
        var names = Name.Where(name => ShouldProcess($"virtual machine {Describe(name)}", action)).ToArray();
        if (ParameterSetName == Entity) RunEach(names, 1, CreateAsync);
        else RunEach(names, 1, CreateOfImageAsync);
    }

    private async Task CreateAsync(Work work, string name)
    {
        var request = new CreateVmRequest { Name = name, Instance = Instance, Ram = Ram, Cpus = Cpus, SshKey = SshKey, Start = Start, FromState = FromState };
        work.Write(await new CreateVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }

    private async Task CreateOfImageAsync(Work work, string name)
    {
        var request = new CreateVmFromImageRequest
        {
            Name = name,
            Image = Image,
            ImageUrl = ImageUrl,
            Template = Template,
            Cpus = Cpus,
            Memory = Ram,
            DiskGb = Disk,
            Bridge = Bridge,
            CloudInit = CloudInit,
            SshKey = SshKey,
            Uefi = Uefi,
            PortForwards = PortForward,
            Kernel = Kernel,
            Initrd = Initrd,
            Append = Append,
            Start = Start,
        };
        work.Write(await new CreateVmFromImage(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }

    private string Describe(string name) => Instance is null ? name : $"{name}/{Instance}";
}
