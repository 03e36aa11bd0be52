using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Libvirt;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>ImportVm</c> works from.</summary>
public sealed record ImportVmRequest
{
    /// <summary>Domain of libvirt's to adopt; null with <see cref="All"/>.</summary>
    public string? Domain { get; init; }

    /// <summary>Name of the entity; null for the domain's own, without <c>charly-</c> before it.</summary>
    public string? TargetName { get; init; }

    /// <summary>Every domain that is nobody's yet.</summary>
    public bool All { get; init; }

    /// <summary>Brings entities that were imported before to what their domains are now, instead of adopting.</summary>
    public bool Update { get; init; }

    /// <summary>With <see cref="Update"/>: also puts what the domain has in place of the entity's <c>libvirt:</c> part, whoever wrote that.</summary>
    public bool ReplaceLibvirt { get; init; }
}

/// <summary>A domain of libvirt's, and what the project makes of it.</summary>
/// <param name="Domain">Name of the domain.</param>
/// <param name="Entity">Entity that it was imported as; null if it was not.</param>
/// <param name="IsOurs">Whether charly made it.</param>
/// <param name="Disk">Its first disk; null if that is no file.</param>
/// <param name="Drift">What the entity says otherwise than the domain, one line each: <c>ram: 1G, now 2G</c>.</param>
public sealed record ImportableVm(string Domain, string? Entity, bool IsOurs, string? Disk, IReadOnlyList<string> Drift);

/// <summary>Adopts domains of libvirt's as entities of the project: their disks are used where they are, never rewritten or deleted.</summary>
public sealed class ImportVm
{
    private readonly VmServices _services;
    private readonly Func<CancellationToken, Task<IReadOnlyList<VmSpec>>> _specs;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public ImportVm(CharlyContext context)
    {
        _services = new VmServices(context);
        _specs = new ProjectVms(context).AllAsync;
    }

    /// <summary>The domains of this user's libvirt session, by name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>, <see cref="Errors.LibvirtFailed"/>, and what loading the project throws.</exception>
    public async Task<IReadOnlyList<ImportableVm>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(cancellationToken).ConfigureAwait(false)).Select(d => d.Shown)];

    /// <summary>What <see cref="RunAsync"/> would write, and what it would refuse; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it writes anything.</exception>
    public async Task<IReadOnlyList<VmPreview>> PreviewAsync(ImportVmRequest request, CancellationToken cancellationToken = default)
    {
        var file = request.Update ? null : VmEntityFile.OfProject(_services.Context.ProjectFolder);
        return
        [
            .. (await ChooseAsync(request, cancellationToken).ConfigureAwait(false)).Select(c => new VmPreview(
                c.Name.ToString(),
                VmVerb.Import,
                VmStatus.Destroyed,
                VmStatus.Destroyed,
                request.Update ? [.. Drift(c.Domain, request).Select(d => $"change {d}")] : [$"add the entity {c.Name} to {file!.Path}, on the disk {c.Domain.Facts.DiskPath}"])),
        ];
    }

    /// <summary>Adds the entities to the project's file, or brings them up to date; comments and order stay. The domains are left alone.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>, <see cref="Errors.VmNotFound"/> for a domain that is not there or, with
    /// <see cref="ImportVmRequest.Update"/>, was not imported; <see cref="Errors.VmNameExists"/>, <see cref="Errors.BadName"/>,
    /// <see cref="Errors.VmValidation"/> for one without a disk that can be used; <see cref="Errors.CfgNoProject"/>, <see cref="Errors.BackendMissing"/>.</exception>
    public async Task<IReadOnlyList<VmDeployState>> RunAsync(ImportVmRequest request, CancellationToken cancellationToken = default)
    {
        var chosen = await ChooseAsync(request, cancellationToken).ConfigureAwait(false);
        var now = _services.Context.Environment.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        if (request.Update)
        {
            foreach (var (name, domain) in chosen.Where(c => Drift(c.Domain, request).Count > 0))
            {
                var values = Changes(domain.Spec!, domain.Facts).Select(c => ((IReadOnlyList<string>)[name.Entity, .. c.Keys], c.Now)).ToList();
                values.Add(([name.Entity, "source", "last_synced_at"], now));
                var file = new VmEntityFile(domain.Spec!);
                file.Set(values);
                if (request.ReplaceLibvirt) ReplaceLibvirt(file, name, domain);
            }
        }
        else if (chosen.Count > 0)
        {
            VmEntityFile.OfProject(_services.Context.ProjectFolder).Set(chosen.Select(c => ((IReadOnlyList<string>)[c.Name.Entity], Describe(c.Domain.Facts, now))));
        }

        return [.. chosen.Select(c => _services.States.Read(c.Name.Key) ?? new VmDeployState { Key = c.Name.Key, DiskPath = c.Domain.Facts.DiskPath })];
    }

    private async Task<IReadOnlyList<(VmName Name, Domain Domain)>> ChooseAsync(ImportVmRequest request, CancellationToken cancellationToken)
    {
        if (request.Domain is null != request.All) throw new CharlyException(Errors.Usage, request.All ? "a domain and all domains are asked for" : "no domain is named", "Name one, or say --all.");
        if (request.TargetName is not null && (request.All || request.Update)) throw new CharlyException(Errors.Usage, "a name for the entity goes with one new domain only", "Leave it out.");
        if (request is { ReplaceLibvirt: true, Update: false }) throw new CharlyException(Errors.Usage, "the libvirt part of a new entity has nothing to replace", "Import first; then: charly vm import DOMAIN --update --replace-libvirt.");
        var domains = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (request.Domain is { } wanted)
        {
            var domain = domains.FirstOrDefault(d => d.Facts.Name == wanted || (request.Update && d.Spec?.Name == wanted)) ?? throw new CharlyException(
                Errors.VmNotFound, $"libvirt has no domain {wanted}", Nearest.Suggest(wanted, domains.Select(d => d.Facts.Name), "List them: charly vm import --list"), target: wanted);
            return [request.Update ? Known(domain) : Fresh(domain, request.TargetName)];
        }

        return request.Update
            ? [.. domains.Where(d => d.Spec is not null).Select(Known)]
            : [.. domains.Where(d => d is { Spec: null, Shown: { IsOurs: false, Disk: not null } }).Select(d => Fresh(d, null))];
    }

    private static (VmName, Domain) Known(Domain domain) => domain.Spec is { } spec ? (new VmName(spec.Name), domain) : throw new CharlyException(
        Errors.VmNotFound, $"no entity was imported from the domain {domain.Facts.Name}", $"Import it: charly vm import {domain.Facts.Name}", target: domain.Facts.Name);

    private static (VmName, Domain) Fresh(Domain domain, string? target)
    {
        var facts = domain.Facts;
        if (domain.Shown.IsOurs) throw new CharlyException(Errors.VmNameExists, $"the domain {facts.Name} is a machine of charly's already", "See it: charly vm status", target: facts.Name);
        if (domain.Spec is { } spec) throw new CharlyException(Errors.VmNameExists, $"the domain {facts.Name} was imported as {spec.Name} already", $"Bring it up to date: charly vm import {facts.Name} --update", spec.Position, facts.Name);
        var name = VmName.Create(target ?? (facts.Name.StartsWith("charly-", StringComparison.Ordinal) ? facts.Name["charly-".Length..] : facts.Name), null);
        if (domain.Taken(name.Entity)) throw new CharlyException(Errors.VmNameExists, $"the project declares a machine {name} already", "Choose another name: --target-name NAME", target: name.ToString());
        if (facts.DiskPath is null || facts.DiskFormat is null || !Path.IsPathFullyQualified(facts.DiskPath))
        {
            throw new CharlyException(
                Errors.VmValidation, $"the domain {facts.Name} has no disk that is a qcow2 or raw file", "Only those can be adopted.", target: facts.Name);
        }

        return (name, domain);
    }

    private async Task<IReadOnlyList<Domain>> ReadAsync(CancellationToken cancellationToken)
    {
        var specs = await _specs(cancellationToken).ConfigureAwait(false);
        var libvirt = _services.Router.Backends.OfType<LibvirtHypervisor>().Single();
        var ours = _services.Registry.Read().Values.Where(h => h.Backend == "libvirt").Select(h => h.Name).ToHashSet(StringComparer.Ordinal);
        var names = specs.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (await libvirt.Domains.ListAsync(cancellationToken).ConfigureAwait(false)).Select(f =>
            {
                var spec = specs.FirstOrDefault(s => s.Source is ImportedSource imported && imported.LibvirtName == f.Name);
                string[] drift = spec is null ? [] : [.. Changes(spec, f).Select(c => $"{string.Join('.', c.Keys)}: {c.Was}, now {c.Text}")];
                return new Domain(f, spec, new ImportableVm(f.Name, spec?.Name, ours.Contains(f.Name), f.DiskPath, drift), names.Contains);
            }),
        ];
    }

    /// <summary>The fields that come from the domain, where they are not as it says; the author's own fields are none of them.</summary>
    private static IEnumerable<(IReadOnlyList<string> Keys, string Was, string Text, YamlValue Now)> Changes(VmSpec spec, DomainFacts facts)
    {
        var source = (ImportedSource)spec.Source;
        if (facts.DiskPath is { } disk && disk != source.DiskPath) yield return (["source", "disk_path"], source.DiskPath, disk, disk);
        if (facts.DiskFormat is { } format && format != source.DiskFormat) yield return (["source", "disk_format"], source.DiskFormat, format, format);
        if (facts.Ram != spec.Ram) yield return (["ram"], spec.Ram.ToString(), facts.Ram.ToString(), facts.Ram.ToString());
        if (facts.Cpus != spec.Cpus) yield return (["cpu"], Number(spec.Cpus), Number(facts.Cpus), (long)facts.Cpus);
        if (facts.Firmware != (spec.Firmware ?? "bios")) yield return (["firmware"], spec.Firmware ?? "bios", facts.Firmware, facts.Firmware);
    }

    private IReadOnlyList<string> Drift(Domain domain, ImportVmRequest request)
    {
        if (!request.ReplaceLibvirt) return domain.Shown.Drift;
        var (part, _) = Part(domain);
        return [.. domain.Shown.Drift, .. LibvirtPartChange.Between(Written(domain.Spec!), part)];
    }

    private void ReplaceLibvirt(VmEntityFile file, VmName name, Domain domain)
    {
        var (part, lost) = Part(domain);
        foreach (var what in lost) _services.Context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{name}: no entity can say this of the domain {domain.Facts.Name}: {what}"));
        if (LibvirtPartChange.Between(Written(domain.Spec!), part).Count == 0) return;
        if (LibvirtPartChange.IsEmpty(part)) file.Remove(name.Entity, "libvirt");
        else file.Set(((IReadOnlyList<string>)[name.Entity, "libvirt"], part));
    }

    private (YamlValue Part, IReadOnlyList<string> Lost) Part(Domain domain) =>
        DomainPart.Read(domain.Facts.Definition, domain.Spec!, _services.Files(new VmName(domain.Spec!.Name)));

    private static YamlValue Written(VmSpec spec) => spec.Libvirt is { } part ? YamlValue.From(part) : YamlValue.Map();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static YamlValue Describe(DomainFacts facts, string now)
    {
        List<(string, YamlValue)> network = [("mode", facts.NetworkMode)];
        if (facts is { Bridge: { } bridge, NetworkMode: "bridge" or "nat" }) network.Add(("bridge", bridge));
        if (facts.Mac is { } mac) network.Add(("mac", mac));
        List<(string, YamlValue)> entity =
        [
            ("source", YamlValue.Map(("kind", "imported"), ("libvirt_name", facts.Name), ("disk_path", facts.DiskPath!), ("disk_format", facts.DiskFormat!), ("adopted_at", now))),
            ("backend", "libvirt"),
            ("ram", facts.Ram.ToString()),
            ("cpu", (long)facts.Cpus),
            ("network", YamlValue.Map(network)),
            ("ssh", YamlValue.Map(("port_auto", true))),
        ];
        if (facts.Firmware != "bios") entity.Insert(2, ("firmware", facts.Firmware));
        return YamlValue.Map(entity);
    }

    private sealed record Domain(DomainFacts Facts, VmSpec? Spec, ImportableVm Shown, Func<string, bool> Taken);
}
