using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly image pull</c>.</summary>
internal sealed class ImagePullCommand : Command
{
    private readonly Argument<string> _url = new("url") { Description = "Address of the image; .zst and .zstd are decompressed; oci://HOST/REPOSITORY:TAG for one in a registry", HelpName = "URL" };
    private readonly Option<string?> _name = Parameters.Text("--name", "NAME", "File name in the cache (default: the last part of the address)");
    private readonly Option<bool> _refresh = Parameters.Flag("--refresh", "Download it even if it is there");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ImagePullCommand(CommandHost host) : base("pull", "Download an image into the cache")
    {
        Add(_url);
        Add(_name);
        Add(_refresh);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public (string Url, string? Name, bool Refresh) Request(ParseResult parsed) => (parsed.GetRequiredValue(_url), parsed.GetValue(_name), parsed.GetValue(_refresh));

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var (url, name, refresh) = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new PullImage(run.Context).Preview(url, name, refresh));
        run.Print(await new PullImage(run.Context).RunAsync(url, name, refresh, cancellationToken).ConfigureAwait(false), VmFileText.Image, VmFileJson.Write);
        return 0;
    }
}

/// <summary><c>charly image list</c>.</summary>
internal sealed class ImageListCommand : Command
{
    public ImageListCommand(CommandHost host) : base("list", "List the images in the cache") => SetAction(host.Action(RunAsync));

    private Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var images = new GetImages(run.Context).Run();
        run.PrintAll(images, all => all.Count == 0 ? "" : run.Table(VmFileText.ImageColumns, all.Select(VmFileText.ImageRow)), VmFileJson.Write);
        return Task.FromResult(0);
    }
}

/// <summary><c>charly image inspect</c>.</summary>
internal sealed class ImageInspectCommand : Command
{
    private readonly Argument<string> _path = ImageArgument.Of("path", "Path of an image, or its name in the cache");

    public ImageInspectCommand(CommandHost host) : base("inspect", "Show format and sizes of an image")
    {
        _path.CompletionSources.Add(context => new NameCompletions(host, context).Images());
        Add(_path);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_path);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.Print(await new GetImages(run.Context).InspectAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), VmFileText.Image, VmFileJson.Write);
        return 0;
    }
}

/// <summary><c>charly image convert</c>.</summary>
internal sealed class ImageConvertCommand : Command
{
    private readonly Argument<string> _source = ImageArgument.Of("source", "Path of an image, or its name in the cache");
    private readonly Argument<string> _destination = ImageArgument.Of("destination", "Path of the copy");
    private readonly Option<string?> _format = Parameters.Text("--format", "FORMAT", "Format of the copy: qcow2, raw, vmdk, vdi, vhdx (default: qcow2)", "-O");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ImageConvertCommand(CommandHost host) : base("convert", "Copy an image into another format")
    {
        _source.CompletionSources.Add(context => new NameCompletions(host, context).Images());
        Add(_source);
        Add(_destination);
        Add(_format);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public (string Source, string Destination, string Format) Request(ParseResult parsed) =>
        (parsed.GetRequiredValue(_source), parsed.GetRequiredValue(_destination), parsed.GetValue(_format) ?? "qcow2");

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var (source, destination, format) = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new ConvertImage(run.Context).Preview(source, destination, format));
        run.Print(await new ConvertImage(run.Context).RunAsync(source, destination, format, cancellationToken).ConfigureAwait(false), VmFileText.Image, VmFileJson.Write);
        return 0;
    }
}

/// <summary><c>charly image rm</c>.</summary>
internal sealed class ImageRmCommand : Command
{
    private readonly Argument<string> _name = ImageArgument.Of("name", "Name of an image in the cache");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ImageRmCommand(CommandHost host) : base("rm", "Remove an image from the cache; refused while a disk stands on it")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Images());
        Add(_name);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, await new RemoveImage(run.Context).PreviewAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false));
        await new RemoveImage(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

internal static class ImageArgument
{
    public static Argument<string> Of(string name, string description) => new(name) { Description = description, HelpName = name.ToUpperInvariant() };
}
