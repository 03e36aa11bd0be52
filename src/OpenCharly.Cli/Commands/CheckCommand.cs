using System.CommandLine;
using OpenCharly.Checks;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle check</c>, which is also <c>charly eval live</c>: runs the checks of what is applied.</summary>
internal sealed class CheckCommand : Command, IOffersFormats
{
    private readonly CheckParameters _parameters;

    public CheckCommand(CommandHost host, string name)
        : base(name, "Run the checks of what is applied (exit code 7 if one fails; --format table, text, tap or json)")
    {
        _parameters = new CheckParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    public IReadOnlyList<OutputFormat> Formats { get; } = [OutputFormat.Text, OutputFormat.Tap];

    public CheckRequest Request(ParseResult parsed, string name) => _parameters.Request(parsed, name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var reports = new List<CheckReport>();
        var check = new CheckBundle(run.Context);
        foreach (var name in await check.NamesAsync(_parameters.Names(run.Parsed), cancellationToken).ConfigureAwait(false))
        {
            reports.Add(await check.RunAsync(Request(run.Parsed, name), cancellationToken).ConfigureAwait(false));
        }

        run.Print(CheckOutput.Print(run, reports));
        return reports.All(r => r.Passed) ? 0 : CheckParameters.Failed;
    }
}

/// <summary><c>charly bundle verify</c>: nothing drifted, and all checks pass.</summary>
internal sealed class BundleVerifyCommand : Command
{
    private readonly CheckParameters _parameters;

    public BundleVerifyCommand(CommandHost host) : base("verify", "Tell whether bundles are as they were applied and pass their checks (exit code 7 if not)")
    {
        _parameters = new CheckParameters(host, this);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var results = new List<BundleVerification>();
        foreach (var name in await new CheckBundle(run.Context).NamesAsync(_parameters.Names(run.Parsed), cancellationToken).ConfigureAwait(false))
        {
            results.Add(await new VerifyBundle(run.Context).RunAsync(_parameters.Request(run.Parsed, name), cancellationToken).ConfigureAwait(false));
        }

        run.PrintAll(results, all => string.Concat(all.Select(v => VerificationOutput.Text(run, v))), VerificationOutput.Write);
        return results.TrueForAll(v => v.Passed) ? 0 : CheckParameters.Failed;
    }
}
