using System.CommandLine;
using OpenCharly.Checks;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
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
        var requests = await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false);
        var answers = await new CheckBundles(run.Context).RunAsync(requests, _parameters.Throttle(run.Parsed), cancellationToken).ConfigureAwait(false);
        var reports = answers.Select(a => a.Answer).OfType<CheckReport>().ToList();
        run.Print(CheckOutput.Print(run, reports));
        return ExitCode(run, answers.Select(a => a.Failure), reports.TrueForAll(r => r.Passed));
    }

    /// <summary>Tells what kept bundles from being looked at, which is worse than a check that failed.</summary>
    internal static int ExitCode(Invocation run, IEnumerable<CharlyException?> failures, bool passed) =>
        run.TellFailures([.. failures.OfType<CharlyException>()]) is var failed and not 0 ? failed : passed ? 0 : CheckParameters.Failed;
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
        var requests = await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false);
        var answers = await new CheckBundles(run.Context).VerifyAsync(requests, _parameters.Throttle(run.Parsed), cancellationToken).ConfigureAwait(false);
        var results = answers.Select(a => a.Answer).OfType<BundleVerification>().ToList();
        run.PrintAll(results, all => string.Concat(all.Select(v => VerificationOutput.Text(run, v))), VerificationOutput.Write);
        return CheckCommand.ExitCode(run, answers.Select(a => a.Failure), results.TrueForAll(v => v.Passed));
    }
}
