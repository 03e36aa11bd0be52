using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Makes the folders of a template, or a folder of sources to begin with.</summary>
/// <param name="context">What it works with.</param>
public sealed class InitializeTemplate(CharlyContext context)
{
    private const UnixFileMode Executable = AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string BuildScript =
        """
        #!/bin/sh
        # Builds one revision: leaves vmlinux and rootfs.ext4 in $OUT, and initrd, fc-base.json and revision if there are any.
        # Set are OUT, TEMPLATE_ID, PROFILE, ROLE, VCPUS and MEM_MIB; the working folder is this one.
        set -eu
        cp kernel/vmlinux "$OUT/vmlinux"
        mke2fs -q -t ext4 -d root "$OUT/rootfs.ext4" 1G

        """;

    /// <summary>Makes the folders; what is there stays.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public async Task<VmTemplate> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var store = new TemplateStore(context.Environment, context.Paths);
        using var held = await store.LockAsync(name, context.Progress, cancellationToken).ConfigureAwait(false);
        store.At(name).Initialize();
        return store.Read(name);
    }

    /// <summary>What <see cref="RunAsync"/> would do, in one line; makes nothing.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public IReadOnlyList<string> Preview(string name)
    {
        var folder = new TemplateStore(context.Environment, context.Paths).At(name);
        return Directory.Exists(folder.Revisions) ? [] : [$"make {folder.Revisions}"];
    }

    /// <summary>What <see cref="Scaffold"/> would write, one line each; writes nothing.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public IReadOnlyList<string> PreviewScaffold(string name, string? folder = null)
    {
        TemplateStore.ThrowIfBad(name, "a template");
        var place = Path.Combine(context.Environment.Resolve(folder ?? "."), name);
        return [.. ((string[])["build", "template.toml"]).Select(f => Path.Combine(place, f)).Where(f => !Path.Exists(f)).Select(f => $"write {f}")];
    }

    /// <summary>Writes first sources into <c>DIR/NAME</c>: a build script, and a list of variants. Files that are there stay.</summary>
    /// <param name="name">Name of the template to be.</param>
    /// <param name="folder">The folder DIR; the working folder if null.</param>
    /// <returns>Paths of the files that were written.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public IReadOnlyList<string> Scaffold(string name, string? folder = null)
    {
        TemplateStore.ThrowIfBad(name, "a template");
        var place = Path.Combine(context.Environment.Resolve(folder ?? "."), name);
        var written = new List<string>();
        Write("build", BuildScript, Executable);
        Write("template.toml", Variants(name), AtomicFile.Shared);
        return written;

        void Write(string file, string text, UnixFileMode mode)
        {
            var path = Path.Combine(place, file);
            if (Path.Exists(path)) return;
            AtomicFile.Write(path, text, mode);
            written.Add(path);
        }
    }

    private static string Variants(string name) =>
        $"""
        # charly template create {name} --flake . --run ./build
        # charly template build {name} --config template.toml
        template_id = "{name}"
        flake_ref = "."

        [[variants]]
        role = "worker"
        vcpus = 2
        mem_mib = 1024

        """;
}
