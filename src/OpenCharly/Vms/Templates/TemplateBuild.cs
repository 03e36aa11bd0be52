using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Templates;

/// <summary>
/// Builds a revision: the builder leaves its files in a folder of its own, everything else is written beside them, and the
/// folder becomes the revision as a whole. Only then does the current link follow (vm.md §10).
/// </summary>
/// <param name="environment">Variables and the clock.</param>
/// <param name="paths">Where the builders' caches are.</param>
/// <param name="processes">Runs the builder's programs.</param>
/// <param name="progress">Gets what they print.</param>
internal sealed class TemplateBuild(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    private const string RevisionText = "revision";

    /// <summary>Builds.</summary>
    /// <param name="store">Where the template is.</param>
    /// <param name="template">What to build.</param>
    /// <param name="force">Let the builder forget what it kept.</param>
    /// <param name="refuseIfUsed">Called with the folder of a revision that is about to be replaced by another content.</param>
    /// <param name="cancellationToken">Stops the builder and removes what it made.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateBuildFailed"/>, <see cref="Errors.ToolMissing"/>, and what the builders throw.</exception>
    public async Task<TemplateRevision> RunAsync(
        TemplateStore store, VmTemplate template, bool force, Func<string, CancellationToken, Task> refuseIfUsed, CancellationToken cancellationToken)
    {
        var folder = store.Require(template.Name);
        using var held = await store.LockAsync(template.Name, progress, cancellationToken).ConfigureAwait(false);
        var work = folder.BuildFolder;
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        try
        {
            var output = Path.Combine(work, "out");
            var result = Path.Combine(work, "result");
            Directory.CreateDirectory(output);
            Directory.CreateDirectory(result);
            await BuildAsync(template, output, force, cancellationToken).ConfigureAwait(false);
            var hasInitrd = await TakeAsync(template, output, result, cancellationToken).ConfigureAwait(false);
            if (File.Exists(Path.Combine(result, TemplateFiles.Boot))) _ = TemplateDocuments.ReadBoot(result);
            else AtomicFile.Write(Path.Combine(result, TemplateFiles.Boot), TemplateDocuments.WriteBoot(template, hasInitrd));

            var digest = await DigestAsync(result, cancellationToken).ConfigureAwait(false);
            var revision = Describe(template, await NameAsync(template, output, digest, cancellationToken).ConfigureAwait(false), hasInitrd);
            if (folder.FindRevision(revision.Revision) is { } old && File.Exists(Path.Combine(old, TemplateFiles.Revision)) && await DigestAsync(old, cancellationToken).ConfigureAwait(false) == digest)
            {
                progress.Report(new NoticeEvent(NoticeLevel.Info, $"template {template.Name}: the result is the revision {revision.Revision}, which is there"));
            }
            else
            {
                if (folder.FindRevision(revision.Revision) is { } other) await refuseIfUsed(other, cancellationToken).ConfigureAwait(false);
                AtomicFile.Write(Path.Combine(result, TemplateFiles.Revision), TemplateDocuments.Write(revision));
                folder.Install(result, revision.Revision);
            }

            folder.SwitchTo(revision.Revision);
            return store.ReadRevision(template.Name, revision.Revision);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task BuildAsync(VmTemplate template, string output, bool force, CancellationToken cancellationToken)
    {
        switch (template.Builder ?? new NixTemplateBuilder())
        {
            case CommandTemplateBuilder command:
                foreach (var line in command.Run) await RunCommandAsync(template, command, line, output, cancellationToken).ConfigureAwait(false);
                break;
            case DebootstrapTemplateBuilder debian:
                await new DebianTemplate(processes, progress).ExtractAsync(
                    template.Name,
                    await new BootstrapBuilder(environment, paths, processes, progress).EnsureAsync(DebianTemplate.Source(debian), force, cancellationToken: cancellationToken).ConfigureAwait(false),
                    output,
                    cancellationToken).ConfigureAwait(false);
                break;
            default:
                await RunNixAsync(template, output, force, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task RunCommandAsync(VmTemplate template, CommandTemplateBuilder builder, string line, string output, CancellationToken cancellationToken)
    {
        var variables = builder.Env.ToDictionary(e => e.Key, string? (e) => e.Value, StringComparer.Ordinal);
        foreach (var (name, value) in ((string, string)[])
        [
            ("OUT", output), ("TEMPLATE_ID", template.Name), ("PROFILE", template.Profile), ("ROLE", template.Role),
            ("VCPUS", template.Vcpus.ToString(CultureInfo.InvariantCulture)), ("MEM_MIB", template.MemMib.ToString(CultureInfo.InvariantCulture)),
        ])
        {
            variables[name] = value;
        }

        progress.Report(new NoticeEvent(NoticeLevel.Info, $"template {template.Name}: {FirstLine(line)}"));
        var folder = Directory.Exists(template.FlakeRef) ? template.FlakeRef : output;
        await RunAsync(template, FirstLine(line), new ProcessRequest("/bin/sh", "-c", line) { WorkingDirectory = folder, Variables = variables }, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunNixAsync(VmTemplate template, string output, bool force, CancellationToken cancellationToken)
    {
        if (processes.Find("nix") is null)
        {
            throw new CharlyException(
                Errors.ToolMissing,
                $"template {template.Name} is built by Nix, and the program nix is not installed",
                $"Install Nix, or give the template another builder: charly template create {template.Name} --builder debootstrap",
                target: "nix");
        }

        string[] arguments = ["build", "--no-link", "--print-out-paths", .. force ? (string[])["--refresh"] : [], $"{template.FlakeRef}#{template.Profile}"];
        var result = await RunAsync(template, "nix " + string.Join(' ', arguments), new ProcessRequest("nix", arguments), cancellationToken).ConfigureAwait(false);
        var made = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        if (made is null || !Directory.Exists(made)) throw Failed(template, $"nix says that its result is \"{made}\", which is no folder", "Check what the flake's output is.");
        foreach (var name in (string[])[TemplateFiles.Kernel, TemplateFiles.RootFs, TemplateFiles.Initrd, TemplateFiles.Boot])
        {
            if (File.Exists(Path.Combine(made, name))) File.CreateSymbolicLink(Path.Combine(output, name), Path.Combine(made, name));
        }

        // The store's own name of the result: 32 letters that stand for everything it was built from.
        var store = Path.GetFileName(made).Split('-')[0];
        if (TemplateStore.IsSafe(store)) await File.WriteAllTextAsync(Path.Combine(output, RevisionText), store, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CommandResult> RunAsync(VmTemplate template, string shown, ProcessRequest request, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(request with { Output = line => progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text)) }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return result;
        throw Failed(template, $"\"{shown}\" ended with {result.ExitCode}: {result.Tail()}", "Correct the builder, or what it builds from, and build again. The current revision is what it was.");
    }

    /// <summary>Takes the builder's files; what it made as a link is copied, attributes kept.</summary>
    /// <returns>Whether there is an initial RAM disk.</returns>
    private async Task<bool> TakeAsync(VmTemplate template, string output, string result, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])[TemplateFiles.Kernel, TemplateFiles.RootFs, TemplateFiles.Initrd, TemplateFiles.Boot])
        {
            var (made, place) = (Path.Combine(output, name), Path.Combine(result, name));
            if (!File.Exists(made))
            {
                if (name is TemplateFiles.Kernel or TemplateFiles.RootFs) throw Failed(template, $"its builder left no {name}", "The builder must leave vmlinux and rootfs.ext4 in the folder $OUT.");
            }
            else if (new FileInfo(made).LinkTarget is null)
            {
                File.Move(made, place);
            }
            else
            {
                await RunAsync(template, $"cp {made}", new ProcessRequest("cp", "-pL", "--sparse=auto", made, place), cancellationToken).ConfigureAwait(false);
            }
        }

        return File.Exists(Path.Combine(result, TemplateFiles.Initrd));
    }

    private static async Task<string> NameAsync(VmTemplate template, string output, string digest, CancellationToken cancellationToken)
    {
        var file = Path.Combine(output, RevisionText);
        if (!File.Exists(file)) return digest[..32];
        var name = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
        return TemplateStore.IsSafe(name) ? name : throw Failed(template, $"its builder calls the revision \"{name}\"", "Begin with a letter or digit, and go on with letters, digits, dots, dashes and underscores.");
    }

    private TemplateRevision Describe(VmTemplate template, string revision, bool hasInitrd)
    {
        var flakeLock = Path.Combine(template.FlakeRef, "flake.lock");
        return new TemplateRevision
        {
            Template = template.Name,
            Revision = revision,
            FlakeRef = template.FlakeRef,
            FlakeLockHash = File.Exists(flakeLock) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(flakeLock))) : revision,
            BuiltAt = environment.Clock.GetUtcNow(),
            Profile = template.Profile,
            Role = template.Role,
            Vcpus = template.Vcpus,
            MemMib = template.MemMib,
            DataDiskMib = template.DataDiskMib,
            Initrd = hasInitrd ? TemplateFiles.Initrd : null,
        };
    }

    /// <summary>SHA-256 over the sorted lines <c>name:sha256</c> of what boots, hex.</summary>
    private static async Task<string> DigestAsync(string folder, CancellationToken cancellationToken)
    {
        var lines = new StringBuilder();
        foreach (var name in ((string[])[TemplateFiles.Kernel, TemplateFiles.RootFs, TemplateFiles.Initrd, TemplateFiles.Boot]).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file)) lines.Append(name).Append(':').Append(await VerifiedDownload.HashAsync(file, cancellationToken).ConfigureAwait(false)).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static string FirstLine(string command) => command.Trim().Split('\n')[0].Trim();

    private static CharlyException Failed(VmTemplate template, string why, string help) =>
        new(Errors.TemplateBuildFailed, $"template {template.Name} could not be built: {why}", help, target: template.Name);
}
