using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly secrets gpg</c>: a file of variables that GnuPG encrypts, for all who work on a project.</summary>
internal static class SecretGpgCommands
{
    public static Command Group(CommandHost host)
    {
        var group = new Command("gpg", "Variables in a file that GnuPG encrypts, such as the .secrets of a project");
        group.Add(new GpgListCommand(host));
        group.Add(new GpgTextCommand(host, "show", "Print the file in plain text"));
        group.Add(new GpgTextCommand(host, "decrypt", "Print the file in plain text, or write it with -o"));
        group.Add(new GpgEnvCommand(host));
        group.Add(new GpgGetCommand(host));
        group.Add(new GpgSetCommand(host));
        group.Add(new GpgUnsetCommand(host));
        group.Add(new GpgEditCommand(host));
        group.Add(new GpgEncryptCommand(host));
        group.Add(new GpgRecipientsCommand(host));
        group.Add(new GpgChangeRecipientsCommand(host, "add-recipient", "Let owners of more keys read the file", adds: true));
        group.Add(new GpgChangeRecipientsCommand(host, "remove-recipient", "Encrypt the file for the others only; what was read stays known", adds: false));
        group.Add(new GpgSetupCommand(host));
        group.Add(new GpgDoctorCommand(host));
        group.Add(new GpgImportKeyCommand(host));
        group.Add(new GpgExportKeyCommand(host));
        return group;
    }
}

/// <summary>A command on an encrypted file.</summary>
internal abstract class GpgCommand : Command
{
    private readonly Option<string?> _file = Parameters.Text("--file", "FILE", "The file (default: .secrets of the project)", "-f");

    protected GpgCommand(CommandHost host, string verb, string description) : base(verb, description)
    {
        Add(_file);
        SetAction(host.Action((run, token) => RunAsync(run, new SecretFile(run.Context, run.Parsed.GetValue(_file)), token)));
    }

    protected abstract Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken);
}

/// <summary>A command that writes an encrypted file, or only says so.</summary>
internal abstract class GpgWriteCommand : GpgCommand
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    protected GpgWriteCommand(CommandHost host, string verb, string description) : base(host, verb, description) => Add(_dryRun);

    protected static Option<string[]> Recipients(string otherwise) => Parameters.Many("--recipient", "KEY", $"Who may read a file that is made (default: {otherwise})");

    protected sealed override Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken) =>
        run.Parsed.GetValue(_dryRun) ? Task.FromResult(ChangePreviews.Print(run, [Describe(run, file)])) : WriteAsync(run, file, cancellationToken);

    /// <summary>What it would do, to follow "would".</summary>
    protected abstract string Describe(Invocation run, SecretFile file);

    protected abstract Task<int> WriteAsync(Invocation run, SecretFile file, CancellationToken cancellationToken);
}

/// <summary><c>charly secrets gpg list</c>.</summary>
internal sealed class GpgListCommand(CommandHost host) : GpgCommand(host, "list", "Print the names of the variables; never a value")
{
    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        run.PrintAll(await file.ListAsync(cancellationToken).ConfigureAwait(false), all => string.Concat(all.Select(v => v.Name + "\n")), SecretText.Write);
        return 0;
    }
}

/// <summary><c>charly secrets gpg show</c> and <c>decrypt</c>.</summary>
internal sealed class GpgTextCommand : GpgCommand
{
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "Write a file that only you can read", "-o");

    public GpgTextCommand(CommandHost host, string verb, string description) : base(host, verb, description) => Add(_output);

    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var text = await file.ShowAsync(cancellationToken).ConfigureAwait(false);
        if (run.Parsed.GetValue(_output) is { } output) AtomicFile.Write(run.Context.Environment.Resolve(output), text, AtomicFile.Private);
        else run.Print(text);
        return 0;
    }
}

/// <summary><c>charly secrets gpg env</c>: <c>eval "$(charly secrets gpg env)"</c>, such as in an <c>.envrc</c>.</summary>
internal sealed class GpgEnvCommand(CommandHost host) : GpgCommand(host, "env", "Print commands that set the variables: eval \"$(charly secrets gpg env)\"")
{
    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        if (!run.IsJson)
        {
            run.Print(await file.ExportsAsync(cancellationToken).ConfigureAwait(false));
            return 0;
        }

        var all = await file.ReadAsync(cancellationToken).ConfigureAwait(false);
        run.Print(JsonText.Document(json =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in all) json.WriteString(name, value);
            json.WriteEndObject();
        }));
        return 0;
    }
}

/// <summary><c>charly secrets gpg get</c>: the bare value; a newline only for people.</summary>
internal sealed class GpgGetCommand : GpgCommand
{
    private readonly Argument<string> _name = new("name") { Description = "The variable", HelpName = "NAME" };

    public GpgGetCommand(CommandHost host) : base(host, "get", "Print the value of a variable") => Add(_name);

    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var value = await file.ValueAsync(run.Parsed.GetRequiredValue(_name), cancellationToken).ConfigureAwait(false);
        run.Print(run.IsJson ? JsonText.Document(json => json.WriteStringValue(value)) : value + (run.Terminal.OutIsTerminal ? "\n" : ""));
        return 0;
    }
}

/// <summary><c>charly secrets gpg set</c>.</summary>
internal sealed class GpgSetCommand : GpgWriteCommand
{
    private readonly Argument<string> _name = new("name") { Description = "The variable; its value comes from standard input, or is asked for", HelpName = "NAME" };
    private readonly Option<string[]> _recipients = Recipients("your own key");

    public GpgSetCommand(CommandHost host) : base(host, "set", "Give a variable a value; a file that is not there is made")
    {
        Add(_name);
        Add(_recipients);
    }

    protected override string Describe(Invocation run, SecretFile file) => $"set {run.Parsed.GetRequiredValue(_name)} in {file.Path}";

    protected override async Task<int> WriteAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var name = run.Parsed.GetRequiredValue(_name);
        var value = await run.ReadSecretAsync($"Value of {name}", cancellationToken).ConfigureAwait(false);
        await file.SetAsync(name, value, run.Parsed.GetValue(_recipients) ?? [], cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly secrets gpg unset</c>.</summary>
internal sealed class GpgUnsetCommand : GpgWriteCommand
{
    private readonly Argument<string[]> _names = new("names") { Description = "Variables", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _yes = Parameters.Yes();

    public GpgUnsetCommand(CommandHost host) : base(host, "unset", "Take variables out of the file for good")
    {
        Add(_names);
        Add(_yes);
    }

    protected override string Describe(Invocation run, SecretFile file) => $"take {string.Join(", ", run.Parsed.GetRequiredValue(_names))} out of {file.Path}";

    protected override async Task<int> WriteAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var names = run.Parsed.GetRequiredValue(_names);
        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Take {string.Join(", ", names)} out of {file.Path} for good?", cancellationToken).ConfigureAwait(false);
        await file.RemoveAsync(names, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly secrets gpg edit</c>: in the user's editor.</summary>
internal sealed class GpgEditCommand(CommandHost host) : GpgCommand(host, "edit", "Edit the file in $VISUAL or $EDITOR, and encrypt it again")
{
    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var environment = run.Context.Environment;
        var editor = environment.Variable("VISUAL") ?? environment.Variable("EDITOR") ?? "vi";
        var changed = await file.EditAsync(
            async (path, token) =>
            {
                // The variable may hold options, as in "code --wait".
                run.Pause();
                var code = await InteractiveProgram.RunAsync(new InteractiveCommand("sh", ["-c", editor + " \"$1\"", "sh", path]), token).ConfigureAwait(false);
                if (code != 0) throw new CharlyException(Errors.SecretFile, $"{editor} ended with exit code {code}, and nothing was changed", "Set VISUAL or EDITOR to the editor that you like.", target: editor);
            },
            cancellationToken).ConfigureAwait(false);
        if (!changed) run.Tell(NoticeLevel.Info, $"{file.Path} is as it was");
        return 0;
    }
}

/// <summary><c>charly secrets gpg encrypt</c>.</summary>
internal sealed class GpgEncryptCommand : GpgWriteCommand
{
    private readonly Argument<string> _plain = new("plain") { Description = "Plain file, which stays; standard input if left out", HelpName = "PLAIN", DefaultValueFactory = _ => "-" };
    private readonly Option<string[]> _recipients = Recipients("who could read it so far, else your own key");
    private readonly Option<bool> _force = Parameters.Flag("--force", "Replace a file that is there");

    public GpgEncryptCommand(CommandHost host) : base(host, "encrypt", "Encrypt a plain file of variables")
    {
        Add(_plain);
        Add(_recipients);
        Add(_force);
    }

    protected override string Describe(Invocation run, SecretFile file)
    {
        Plain(run);
        return $"write {file.Path}";
    }

    protected override async Task<int> WriteAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var path = Plain(run);
        var text = path is null
            ? await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false)
            : await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        await file.EncryptAsync(text, path ?? "standard input", run.Parsed.GetValue(_recipients) ?? [], run.Parsed.GetValue(_force), cancellationToken).ConfigureAwait(false);
        return 0;
    }

    // Null for standard input.
    private string? Plain(Invocation run)
    {
        var plain = run.Parsed.GetRequiredValue(_plain);
        if (plain == "-") return null;
        var path = run.Context.Environment.Resolve(plain);
        return File.Exists(path) ? path : throw new CharlyException(Errors.FileMissing, $"there is no file {path}", "Name a file, or - for standard input.", target: plain);
    }
}

/// <summary><c>charly secrets gpg recipients</c>.</summary>
internal sealed class GpgRecipientsCommand(CommandHost host) : GpgCommand(host, "recipients", "Print whose keys can read the file")
{
    protected override async Task<int> RunAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        SecretText.Print(run, await file.RecipientsAsync(cancellationToken).ConfigureAwait(false));
        return 0;
    }
}

/// <summary><c>charly secrets gpg add-recipient</c> and <c>remove-recipient</c>.</summary>
internal sealed class GpgChangeRecipientsCommand : GpgWriteCommand
{
    private readonly bool _adds;
    private readonly Argument<string[]> _keys = new("keys") { Description = "Fingerprints, key ids or addresses", HelpName = "KEY", Arity = ArgumentArity.OneOrMore };

    public GpgChangeRecipientsCommand(CommandHost host, string verb, string description, bool adds) : base(host, verb, description)
    {
        _adds = adds;
        Add(_keys);
    }

    protected override string Describe(Invocation run, SecretFile file) => $"{(_adds ? "add" : "take away")} {string.Join(", ", run.Parsed.GetRequiredValue(_keys))}";

    protected override async Task<int> WriteAsync(Invocation run, SecretFile file, CancellationToken cancellationToken)
    {
        var keys = run.Parsed.GetRequiredValue(_keys);
        SecretText.Print(run, await file.ChangeRecipientsAsync(_adds ? keys : [], _adds ? [] : keys, cancellationToken).ConfigureAwait(false));
        return 0;
    }
}
