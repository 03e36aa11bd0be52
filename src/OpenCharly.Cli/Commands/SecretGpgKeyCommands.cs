using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly secrets gpg setup</c>: a key of one's own, once.</summary>
internal sealed class GpgSetupCommand : Command
{
    private readonly Option<string?> _owner = Parameters.Text("--user-id", "OWNER", "Whom a new key names, such as 'Ada <ada@example.org>' (default: whom git knows)");
    private readonly Option<bool> _unprotected = Parameters.Flag("--no-passphrase", "Give a new key no passphrase");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public GpgSetupCommand(CommandHost host) : base("setup", "Make a key of your own, unless you have one")
    {
        foreach (var option in (Option[])[_owner, _unprotected, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var dryRun = run.Parsed.GetValue(_dryRun);
        var setup = await new GpgKeys(run.Context).SetUpAsync(run.Parsed.GetValue(_owner), run.Parsed.GetValue(_unprotected), dryRun, cancellationToken).ConfigureAwait(false);
        run.Print(
            setup,
            s => s switch
            {
                { IsNew: false } => $"you have the key {s.Key.Fingerprint} of {s.Key.UserId}\n",
                _ when dryRun => $"would make a key for {s.Key.UserId}\n",
                _ => $"made the key {s.Key.Fingerprint} for {s.Key.UserId}\n",
            },
            SecretText.Write);
        return 0;
    }
}

/// <summary><c>charly secrets gpg doctor</c>.</summary>
internal sealed class GpgDoctorCommand(CommandHost host) : GpgCommand(host, "doctor", "Show what stands between you and the variables of the file")
{
    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var items = await new CheckGpg(run.Context).RunAsync(file.Path, cancellationToken).ConfigureAwait(false);
        run.PrintAll(items, all => HostText.Of(all, run.Palette), HostText.Write);
        return items.Any(i => i is { IsRequired: true, Status: not HostItemStatus.Ok }) ? 1 : 0;
    }
}

/// <summary><c>charly secrets gpg import-key</c>.</summary>
internal sealed class GpgImportKeyCommand : Command
{
    private readonly Argument<string> _file = new("file") { Description = "File of keys; standard input if left out", HelpName = "FILE", DefaultValueFactory = _ => "-" };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public GpgImportKeyCommand(CommandHost host) : base("import-key", "Take keys of others, or your own from another machine, into your keyring")
    {
        Add(_file);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var file = run.Parsed.GetRequiredValue(_file);
        var text = file == "-" ? await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false) : null;
        SecretText.Print(run, await new GpgKeys(run.Context).ImportAsync(file == "-" ? null : file, text, run.Parsed.GetValue(_dryRun), cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary><c>charly secrets gpg export-key</c>.</summary>
internal sealed class GpgExportKeyCommand : Command
{
    private readonly Argument<string?> _key = new("key") { Description = "Fingerprint, key id or address (default: your own key)", HelpName = "KEY", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _secret = Parameters.Flag("--secret", "The secret part, for another machine of yours; its passphrase protects it");
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "Write a file that only you can read", "-o");

    public GpgExportKeyCommand(CommandHost host) : base("export-key", "Print a key, such as yours for those who are to let you read their file")
    {
        Add(_key);
        Add(_secret);
        Add(_output);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var output = run.Parsed.GetValue(_output);
        var text = await new GpgKeys(run.Context).ExportAsync(run.Parsed.GetValue(_key), run.Parsed.GetValue(_secret), output, cancellationToken).ConfigureAwait(false);
        if (output is null) run.Print(text);
        return 0;
    }
}
