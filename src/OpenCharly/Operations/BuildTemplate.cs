using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Builds a template's next revision.</summary>
/// <param name="context">What it works with.</param>
public sealed class BuildTemplate(CharlyContext context)
{
    private readonly TemplateStore _store = new(context.Environment, context.Paths);

    /// <summary>Builds the template, or each of the variants that a file lists.</summary>
    /// <returns>The revisions, which are current now.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateCorrupt"/>,
    /// <see cref="Errors.TemplateBuildFailed"/>, <see cref="Errors.TemplateInUse"/>, <see cref="Errors.ToolMissing"/>, <see cref="Errors.FileMissing"/>.</exception>
    public async Task<IReadOnlyList<TemplateRevision>> RunAsync(BuildTemplateRequest request, CancellationToken cancellationToken = default)
    {
        var build = new TemplateBuild(context.Environment, context.Paths, context.Processes, context.Progress);
        var users = new TemplateUsers(context);
        var result = new List<TemplateRevision>();
        foreach (var template in await TemplatesAsync(request, cancellationToken).ConfigureAwait(false))
        {
            result.Add(await build.RunAsync(_store, template, request.Force, users.RefuseAsync, cancellationToken).ConfigureAwait(false));
        }

        return result;
    }

    /// <summary>What <see cref="RunAsync"/> would do, one line each; builds and writes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it writes anything.</exception>
    public IReadOnlyList<string> Preview(BuildTemplateRequest request) =>
    [
        .. Templates(request).SelectMany(t => (string[])
        [
            .. request.Config is null ? (string[])[] : [$"write {_store.At(t.Name).SpecFile}"],
            $"build the next revision of {t.Name} from {t.FlakeRef} and make it current{(request.Force ? ", after the builder forgot what it kept" : "")}",
        ]),
    ];

    private async Task<IReadOnlyList<VmTemplate>> TemplatesAsync(BuildTemplateRequest request, CancellationToken cancellationToken)
    {
        var templates = Templates(request);
        if (request.Config is null) return templates;
        var made = new List<VmTemplate>();
        foreach (var variant in templates) made.Add(await new CreateTemplate(context).WriteAsync(_store, variant, cancellationToken).ConfigureAwait(false));
        return made;
    }

    /// <summary>What is to be built: the template, or the variants of a file, which are not written yet.</summary>
    private VmTemplate[] Templates(BuildTemplateRequest request)
    {
        if (request.Config is null)
        {
            var template = _store.Read(request.Name);
            return template.IsDefined ? [template] : throw new CharlyException(Errors.TemplateNotFound, $"template {request.Name} has no description", $"Write one: charly template create {request.Name}", target: request.Name);
        }

        var file = context.Environment.Resolve(request.Config);
        var config = TemplateConfig.Read(file);
        if (config.TemplateId is { } id && id != request.Name) throw new CharlyException(Errors.Usage, $"{file} is about the template {id}, not {request.Name}", "Name that template, or correct template_id.", target: file);
        var own = _store.At(request.Name);
        var known = Directory.Exists(own.Path) ? _store.Read(request.Name) : new VmTemplate { Name = request.Name };
        var common = known with
        {
            FlakeRef = config.FlakeRef is { } flake ? CreateTemplate.Resolve(context.Environment, flake, Path.GetDirectoryName(file)!) : known.IsDefined ? known.FlakeRef : Path.GetDirectoryName(file)!,
            Profile = config.Profile ?? known.Profile,
        };
        var variants = config.Variants.Count == 0 ? [common] : config.Variants.Select(v => Variant(common, v)).ToArray();
        foreach (var variant in variants) _ = _store.At(variant.Name);
        if (variants.GroupBy(v => v.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new CharlyException(Errors.TemplateCorrupt, $"{file} lists the template {twice.Key} twice", "Give each variant a name or a role of its own.", target: file);
        return variants;
    }

    private static VmTemplate Variant(VmTemplate common, TemplateVariant variant)
    {
        var role = variant.Role ?? common.Role;
        return common with
        {
            Name = variant.Name ?? $"{common.Name}-{role}",
            Role = role,
            Profile = variant.Profile ?? common.Profile,
            Vcpus = variant.Vcpus ?? common.Vcpus,
            MemMib = variant.MemMib ?? common.MemMib,
            DataDiskMib = variant.DataDiskMib ?? common.DataDiskMib,
        };
    }
}
