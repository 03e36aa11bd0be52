using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>How an image is built.</summary>
public sealed record ImageBuildOptions
{
    /// <summary>Platforms such as <c>linux/amd64</c>; this machine's if empty, a list of images if several.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Where layers of earlier builds come from: <c>image</c> (this machine), <c>registry</c>, <c>gha</c>, <c>none</c>.</summary>
    public string Cache { get; init; } = "image";

    /// <summary>How many stages the engine builds at once; its own choice if null, all if 0.</summary>
    public int? StageJobs { get; init; }
}

/// <summary>Has the container engine build, push and pull images.</summary>
/// <param name="engine">The engine.</param>
internal sealed class ImageBuilder(ContainerEngine engine)
{
    /// <summary>Refuses what the engine can't do, before anything is written.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>.</exception>
    public void Require(GeneratedBox box, ImageBuildOptions options)
    {
        if (options.Cache == "gha" && engine.IsPodman) throw new CharlyException(Errors.Usage, "podman can't keep layers in the cache of a build service", "Use --cache image, registry or none, or the engine docker.", target: box.Name);
        if (options.Cache == "registry" && box.Labels.Registry.Length == 0) throw new CharlyException(Errors.Usage, $"box {box.Name} has no registry to keep layers in", "Add registry: to the box or to defaults:, or use --cache image.", target: box.Name);
    }

    /// <summary>Builds a box.</summary>
    /// <param name="box">The box.</param>
    /// <param name="file">Its Containerfile on disk, or one that makes the same image.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="output">Gets what the build prints.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageBuild"/> with the last lines of the build; the image is then as it was.</exception>
    public async Task BuildAsync(GeneratedBox box, string file, ImageBuildOptions options, Action<OutputLine>? output, CancellationToken cancellationToken)
    {
        Require(box, options);
        List<string> arguments = ["build", "--file", file];
        arguments.AddRange(options.Platforms.Count > 1 && engine.IsPodman ? ["--manifest", box.Reference] : ["--tag", box.Reference]);
        if (options.Platforms.Count > 0) arguments.AddRange(["--platform", string.Join(',', options.Platforms)]);
        if (options.Cache == "none") arguments.Add("--no-cache");
        if (options.Cache == "registry") arguments.AddRange(RegistryCache(box));
        if (options.Cache == "gha")
        {
            arguments.AddRange(["--cache-from", $"type=gha,scope={box.Name}", "--cache-to", $"type=gha,mode=max,scope={box.Name}"]);
        }

        if (options.StageJobs is { } jobs && engine.IsPodman) arguments.AddRange(["--jobs", jobs.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        arguments.Add(box.Context);
        var built = await engine.RunAsync(new ProcessRequest(engine.Name, arguments) { Output = output, WorkingDirectory = box.Context }, cancellationToken).ConfigureAwait(false);
        if (built.Succeeded) return;
        throw new CharlyException(
            Errors.ImageBuild, $"box {box.Name}: {engine.Name} could not build it (exit code {built.ExitCode})\n{Told(built)}",
            $"Mend what the output names, then build again: what was built is not built twice. The Containerfile is {file}.", target: box.Name);
    }

    /// <summary>Pushes an image to the registry that its reference names.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImagePush"/>.</exception>
    public async Task PushAsync(string reference, bool isList, CancellationToken cancellationToken)
    {
        string[] arguments = isList && engine.IsPodman
            ? ["manifest", "push", "--all", .. Trust(reference), reference, "docker://" + reference]
            : ["push", .. Trust(reference), reference];
        var pushed = await engine.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!pushed.Succeeded)
        {
            throw new CharlyException(
                Errors.ImagePush, $"{reference} could not be pushed: {pushed.Tail(3)}", $"Look whether the registry answers and takes you: {engine.Name} login {reference.Split('/')[0]}", target: reference);
        }
    }

    /// <summary>Pulls an image.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImagePull"/>.</exception>
    public async Task PullAsync(string reference, Action<OutputLine>? output, CancellationToken cancellationToken)
    {
        var pulled = await engine.RunAsync(new ProcessRequest(engine.Name, ["pull", .. Trust(reference), reference]) { Output = output }, cancellationToken).ConfigureAwait(false);
        if (!pulled.Succeeded)
        {
            throw new CharlyException(
                Errors.ImagePull, $"{reference} could not be pulled: {pulled.Tail(3)}", "Look whether the registry answers and has it; build it here instead with: charly box build", target: reference);
        }
    }

    /// <summary>Removes names of images; an image goes with its last name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/>.</exception>
    public async Task RemoveAsync(string reference, CancellationToken cancellationToken)
    {
        var removed = await engine.RunAsync(["rmi", reference], cancellationToken).ConfigureAwait(false);
        if (!removed.Succeeded) throw engine.Refused($"remove {reference}", removed);
    }

    // A registry on this machine has no certificate that anybody knows, and needs none.
    private string[] Trust(string reference)
    {
        var host = reference.Split('/')[0];
        var name = host.StartsWith('[') ? host[1..host.IndexOf(']', StringComparison.Ordinal)] : host.Split(':')[0];
        var isLoopback = name == "localhost" || (System.Net.IPAddress.TryParse(name, out var address) && System.Net.IPAddress.IsLoopback(address));
        return isLoopback && engine.IsPodman ? ["--tls-verify=false"] : [];
    }

    private string[] RegistryCache(GeneratedBox box)
    {
        var place = $"{box.Labels.Registry}/{box.Name}-cache";
        return engine.IsPodman ? ["--layers", "--cache-from", place, "--cache-to", place] : ["--cache-from", $"type=registry,ref={place}", "--cache-to", $"type=registry,ref={place},mode=max"];
    }

    // What a step printed goes to both streams, and the engine's own last words to one of them.
    private static string Told(CommandResult built)
    {
        var lines = (built.StandardOutput.TrimEnd() + "\n" + built.StandardError.TrimEnd()).Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToArray();
        return string.Join('\n', lines[Math.Max(0, lines.Length - 8)..]);
    }
}
