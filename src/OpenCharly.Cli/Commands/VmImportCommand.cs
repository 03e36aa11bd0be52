using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm import</c>.</summary>
internal sealed class VmImportCommand : Command
{
    private readonly Argument<string?> _domain = new("domain") { Description = "Domain of libvirt's session to adopt", HelpName = "DOMAIN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _target = Parameters.Text("--target-name", "NAME", "Name of the entity (default: the domain's, without charly- before it)");
    private readonly Option<bool> _all = Parameters.Flag("--all", "Every domain that is nobody's yet; with --update, every entity that was imported");
    private readonly Option<bool> _list = Parameters.Flag("--list", "List the domains, and what they were imported as");
    private readonly Option<bool> _drift = Parameters.Flag("--show-drift", "With --list: also what entities say otherwise than their domains");
    private readonly Option<bool> _update = Parameters.Flag("--update", "Bring what was imported before to what the domain is now");
    private readonly Option<bool> _libvirt = Parameters.Flag("--replace-libvirt", "With --update: also put what the domain has in place of the entity's libvirt: part");
    private readonly Option<bool> _diff = Parameters.Flag("--diff", "Only say what --update would change");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public VmImportCommand(CommandHost host) : base("import", "Adopt a domain of libvirt's as an entity of the project, its disk where it is")
    {
        _domain.CompletionSources.Add(context => new NameCompletions(host, context).Domains());
        Add(_domain);
        foreach (var option in (Option[])[_target, _all, _list, _drift, _update, _libvirt, _diff, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public ImportVmRequest Request(ParseResult parsed) => new()
    {
        Domain = parsed.GetValue(_domain),
        TargetName = parsed.GetValue(_target),
        All = parsed.GetValue(_all),
        Update = parsed.GetValue(_update) || parsed.GetValue(_diff),
        ReplaceLibvirt = parsed.GetValue(_libvirt),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var import = new ImportVm(run.Context);
        if (run.Parsed.GetValue(_libvirt) && run.Parsed.GetValue(_list)) throw new CharlyException(Errors.Usage, "--replace-libvirt goes with --update", "See what it would change: charly vm import DOMAIN --diff --replace-libvirt.");
        if (run.Parsed.GetValue(_drift) && !run.Parsed.GetValue(_list)) throw new CharlyException(Errors.Usage, "--show-drift goes with --list", "Write charly vm import --list --show-drift.");
        if (run.Parsed.GetValue(_list))
        {
            var withDrift = run.Parsed.GetValue(_drift);
            run.PrintAll(
                await import.ListAsync(cancellationToken).ConfigureAwait(false),
                all => run.Table(VmSnapshotText.DomainColumns, all.Select(VmSnapshotText.DomainRow)) + (withDrift ? string.Concat(all.SelectMany(d => d.Drift.Select(l => $"{d.Entity}: {l}\n"))) : ""),
                VmJson.Write);
            return 0;
        }

        if (run.Parsed.GetValue(_dryRun) || run.Parsed.GetValue(_diff))
        {
            run.PrintAll(await import.PreviewAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), all => string.Concat(all.Select(VmSnapshotText.Preview)), VmJson.Write);
            return 0;
        }

        var request = Request(run.Parsed);
        run.PrintAll(
            await import.RunAsync(request, cancellationToken).ConfigureAwait(false),
            all => all.Count == 0 ? "nothing to import\n" : string.Concat(all.Select(s => request.Update ? $"{s.Key} is as its domain\n" : $"{s.Key} declared, disk {s.DiskPath}\n")),
            VmJson.Write);
        return 0;
    }
}
