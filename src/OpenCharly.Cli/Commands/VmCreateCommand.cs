using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm create</c>: from an entity of the project, or from an image.</summary>
internal sealed class VmCreateCommand : Command
{
    private readonly Argument<string?> _name = new("name")
    {
        Description = "Name of the vm entity in charly.yml; with an image, of the new machine",
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _named = Parameters.Text("--name", "NAME", "Name, instead of the argument");
    private readonly Option<string?> _ram = Parameters.Text("--ram", "SIZE", "Memory, such as 2G; a bare number is MB (entity: as it says; image: 1024)", "--memory");
    private readonly Option<int?> _cpus = Parameters.Whole("--cpus", "N", "Processors (entity: as it says; image: 1)", "--vcpus");
    private readonly Option<string?> _instance = Parameters.Text("--instance", "NAME", "Instance: a second machine of the same entity", "-i");
    private readonly Option<string?> _sshKey = Parameters.Text(
        "--ssh-key", "auto|generate|none|PATH", "Key that may log in, instead of the entity's; with an image, the public key file for the account vm");

    private readonly Option<bool> _start = Parameters.Flag("--start", "Boot it; of an entity, also wait until ssh answers");
    private readonly Option<string?> _fromState = Parameters.Text(
        "--from-state", "[VM@]SNAPSHOT", "Wake it from the memory that a snapshot of a running machine holds, with an identity of its own; implies --start");

    private readonly Option<string?> _image = Parameters.Text("--image", "PATH", "Make it of this disk image, without an entity");
    private readonly Option<string?> _imageUrl = Parameters.Text("--image-url", "URL", "Make it of the image at this address, without an entity");
    private readonly Option<int?> _disk = Parameters.Whole("--disk", "GB", "Image: size of the disk (default: the image's)");
    private readonly Option<string?> _bridge = Parameters.Text("--bridge", "NAME", "Image: join this bridge instead of user networking");
    private readonly Option<string?> _cloudInit = Parameters.Text("--cloud-init", "PATH", "Image: cloud-init user-data, handed on unchanged");
    private readonly Option<bool> _uefi = Parameters.Flag("--uefi", "Image: boot by UEFI");
    private readonly Option<string[]> _forwards = new("--port-forward")
    {
        Description = "Image: [ADDRESS:]HOST:GUEST[/tcp|/udp]; may be given several times",
        HelpName = "FORWARD",
    };

    private readonly Option<string?> _kernel = Parameters.Text("--kernel", "PATH", "Image: boot this kernel instead of what is on the disk");
    private readonly Option<string?> _initrd = Parameters.Text("--initrd", "PATH", "Initial RAM disk of that kernel");
    private readonly Option<string?> _append = Parameters.Text("--append", "TEXT", "Command line of that kernel");

    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmCreateCommand(CommandHost host) : base("create", "Define a machine from its entity and built disk, or from an image")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).VmEntities());
        _sshKey.CompletionSources.Add("auto", "generate", "none");
        Add(_name);
        foreach (var option in (Option[])[_named, _ram, _cpus, _instance, _sshKey, _start, _fromState, _image, _imageUrl, _disk, _bridge, _cloudInit, _uefi, _forwards, _kernel, _initrd, _append, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>Whether an option is given that only machines of an image have.</summary>
    public bool IsOfImage(ParseResult parsed) =>
        ((Option[])[_image, _imageUrl, _disk, _bridge, _cloudInit, _uefi, _forwards, _kernel, _initrd, _append]).Any(o => parsed.GetResult(o) is { Implicit: false });

    /// <summary>What a machine of an entity is made of.</summary>
    public CreateVmRequest Request(ParseResult parsed) => new()
    {
        Name = NameOf(parsed),
        Instance = parsed.GetValue(_instance),
        Ram = parsed.GetValue(_ram),
        Cpus = parsed.GetValue(_cpus),
        SshKey = parsed.GetValue(_sshKey),
        Start = parsed.GetValue(_start),
        FromState = parsed.GetValue(_fromState),
    };

    /// <summary>What a machine of an image is made of.</summary>
    public CreateVmFromImageRequest ImageRequest(ParseResult parsed) => new()
    {
        Name = NameOf(parsed),
        Image = parsed.GetValue(_image),
        ImageUrl = parsed.GetValue(_imageUrl),
        Cpus = parsed.GetValue(_cpus),
        Memory = parsed.GetValue(_ram),
        DiskGb = parsed.GetValue(_disk),
        Bridge = parsed.GetValue(_bridge),
        CloudInit = parsed.GetValue(_cloudInit),
        SshKey = parsed.GetValue(_sshKey),
        Uefi = parsed.GetValue(_uefi),
        PortForwards = parsed.GetValue(_forwards) ?? [],
        Kernel = parsed.GetValue(_kernel),
        Initrd = parsed.GetValue(_initrd),
        Append = parsed.GetValue(_append),
        Start = parsed.GetValue(_start),
    };

    private string NameOf(ParseResult parsed) => (parsed.GetValue(_name), parsed.GetValue(_named)) switch
    {
        ({ } argument, null) => argument,
        (null, { } option) => option,
        (null, null) => throw new CharlyException(Errors.Usage, "the NAME of the machine is missing", "Write charly vm create NAME, or --name NAME."),
        _ => throw new CharlyException(Errors.Usage, "the name of the machine is given twice", "Give it as the argument or with --name."),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var isDryRun = run.Parsed.GetValue(_dryRun);
        if (!IsOfImage(run.Parsed))
        {
            if (isDryRun) return await VmPreviews.PrintAsync(run, new CreateVm(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
            var state = await new CreateVm(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
            run.Print(state, VmText.Created, VmJson.Write);
            return 0;
        }

        if (run.Parsed.GetValue(_fromState) is not null)
        {
            throw new CharlyException(Errors.Usage, "--from-state is for machines of an entity", "Leave it out; a machine of an image is booted.");
        }

        if (run.Parsed.GetValue(_instance) is not null)
        {
            throw new CharlyException(Errors.Usage, "--instance is for machines of an entity", "Leave it out, and give the second machine a name of its own.");
        }

        if (isDryRun) return await VmPreviews.PrintAsync(run, new CreateVmFromImage(run.Context).PreviewAsync(ImageRequest(run.Parsed), cancellationToken)).ConfigureAwait(false);
        var vm = await new CreateVmFromImage(run.Context).RunAsync(ImageRequest(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(vm, VmText.OneLine, VmJson.Write);
        return 0;
    }
}
