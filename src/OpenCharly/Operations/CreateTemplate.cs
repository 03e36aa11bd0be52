using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Describes templates: writes <c>template.json</c>, over the old one if there is one.</summary>
/// <param name="context">What it works with.</param>
public sealed class CreateTemplate(CharlyContext context)
{
    private static readonly string[] Builders = ["command", "debootstrap", "nix"];

    /// <summary>Writes one description, or one for each role.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.VmVcpus"/>, <see cref="Errors.VmMemory"/>,
    /// <see cref="Errors.Usage"/>; nothing is written then.</exception>
    public async Task<IReadOnlyList<VmTemplate>> RunAsync(CreateTemplateRequest request, CancellationToken cancellationToken = default)
    {
        var store = new TemplateStore(context.Environment, context.Paths);
        var described = Describe(request);
        foreach (var template in described) _ = store.At(template.Name);
        var result = new List<VmTemplate>();
        foreach (var template in described) result.Add(await WriteAsync(store, template, cancellationToken).ConfigureAwait(false));
        return result;
    }

    /// <summary>What <see cref="RunAsync"/> would do, one line each; writes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws.</exception>
    public IReadOnlyList<string> Preview(CreateTemplateRequest request)
    {
        var store = new TemplateStore(context.Environment, context.Paths);
        return [.. Describe(request).Select(t => store.At(t.Name).SpecFile).Select(f => $"write {f}{(File.Exists(f) ? ", over the old one" : "")}")];
    }

    /// <summary>Writes a description; the day of its first one stays.</summary>
    internal async Task<VmTemplate> WriteAsync(TemplateStore store, VmTemplate template, CancellationToken cancellationToken)
    {
        using var held = await store.LockAsync(template.Name, context.Progress, cancellationToken).ConfigureAwait(false);
        var folder = store.At(template.Name);
        var now = context.Environment.Clock.GetUtcNow();
        AtomicFile.Write(folder.SpecFile, TemplateDocuments.Write(template with { CreatedAt = FirstDay(folder) ?? now, UpdatedAt = now }));
        return store.Read(template.Name);
    }

    private VmTemplate[] Describe(CreateTemplateRequest request)
    {
        if (request.Vcpus < 1) throw new CharlyException(Errors.VmVcpus, $"template \"{request.Name}\": {request.Vcpus} processors are too few", "Say 1 or more.", target: request.Name);
        var template = new VmTemplate
        {
            Name = request.Name,
            FlakeRef = Resolve(context.Environment, request.FlakeRef, context.Environment.WorkingDirectory),
            Profile = request.Profile,
            Role = request.Role,
            Vcpus = request.Vcpus,
            MemMib = Size(request.Memory) ?? throw new CharlyException(Errors.VmMemory, $"template \"{request.Name}\": \"{request.Memory}\" is no amount of memory", "Say a whole number of MB above zero, or one with a unit such as 2G.", target: request.Name),
            DataDiskMib = request.DataDisk == "0" ? 0 : Size(request.DataDisk) ?? throw Usage($"\"{request.DataDisk}\" is no size of a disk", "Say a whole number of MB, one with a unit such as 10G, or 0 for none."),
            Builder = BuilderOf(request),
        };
        if (request.Roles.Count == 0) return [template];
        if (request.Roles.FirstOrDefault(r => !TemplateStore.IsSafe(r)) is { } bad) throw new CharlyException(Errors.BadName, $"\"{bad}\" can't name a role", "Begin with a letter or digit, and go on with letters, digits, dots, dashes and underscores.", target: bad);
        return [.. request.Roles.Distinct(StringComparer.Ordinal).Select(role => template with { Name = $"{request.Name}-{role}", Role = role })];
    }

    /// <summary>Where sources are: a reference as it is, a folder as an absolute path.</summary>
    internal static string Resolve(CharlyEnvironment environment, string flakeRef, string folder) =>
        flakeRef.Contains(':') ? flakeRef : (environment with { WorkingDirectory = folder }).Resolve(flakeRef);

    private static TemplateBuilder? BuilderOf(CreateTemplateRequest request)
    {
        var isCommand = request.Run.Count + request.Env.Count > 0;
        var isDebian = (request.Suite ?? request.Mirror ?? request.KernelPackage) is not null || request.Components.Count + request.Packages.Count > 0;
        var kind = request.Builder ?? (isCommand ? "command" : isDebian ? "debootstrap" : null);
        if (kind is not null && !Builders.Contains(kind)) throw Usage($"\"{kind}\" is no builder", Nearest.Suggest(kind, Builders, $"Use {string.Join(", ", Builders)}."));
        if (isCommand && kind != "command") throw Usage($"the builder {kind} runs no command lines", "Use the builder command, or leave them out.");
        if (isDebian && kind != "debootstrap") throw Usage($"the builder {kind} has no suite, mirror, components or packages", "Use the builder debootstrap, or leave them out.");
        if (kind == "command" && request.Run.Count == 0) throw Usage("the builder command has no command line", "Say what to run: --run 'make -C kernel && cp kernel/vmlinux $OUT'");
        return kind switch
        {
            "command" => new CommandTemplateBuilder(request.Run, Variables(request.Env)),
            "debootstrap" => new DebootstrapTemplateBuilder
            {
                Suite = request.Suite,
                Mirror = request.Mirror,
                Components = request.Components,
                Packages = request.Packages,
                KernelPackage = request.KernelPackage,
            },
            "nix" => new NixTemplateBuilder(),
            _ => null,
        };
    }

    private static Dictionary<string, string> Variables(IReadOnlyList<string> texts)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !Names.IsVariable(text[..at])) throw Usage($"\"{text}\" is no variable", "Write NAME=VALUE.");
            variables[text[..at]] = text[(at + 1)..];
        }

        return variables;
    }

    private static DateTimeOffset? FirstDay(TemplateFolder folder)
    {
        if (!File.Exists(folder.SpecFile)) return null;
        try
        {
            return TemplateDocuments.ReadTemplate(folder.SpecFile, folder.Id).CreatedAt;
        }
        catch (CharlyException)
        {
            // A description that can't be read is what is being replaced.
            return null;
        }
    }

    private static int? Size(string text) => ByteSize.TryParse(text, 'M', out var size) && size.MiB <= int.MaxValue ? (int)size.MiB : null;

    private static CharlyException Usage(string message, string help) => new(Errors.Usage, message, help);
}
