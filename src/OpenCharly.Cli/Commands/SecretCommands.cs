using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly secrets list</c>.</summary>
internal sealed class SecretsListCommand : Command
{
    public SecretsListCommand(CommandHost host) : base("list", "Print the names of secrets; never a value") =>
        SetAction(host.Action((run, _) =>
        {
            SecretText.Print(run, new GetSecrets(run.Context).List(), "no secret is kept");
            return Task.FromResult(0);
        }));
}

/// <summary>A command on one secret.</summary>
internal abstract class SecretCommand : Command
{
    private readonly Argument<string> _service = new("service") { Description = "Service, such as charly/secret", HelpName = "SERVICE" };
    private readonly Argument<string> _item = new("item") { Description = "Item of the service, such as DB_PASSWORD", HelpName = "ITEM" };

    protected SecretCommand(CommandHost host, string verb, string description) : base(verb, description)
    {
        _service.CompletionSources.Add(context => new NameCompletions(host, context).SecretServices());
        _item.CompletionSources.Add(context => new NameCompletions(host, context).SecretItems(context.ParseResult.GetValue(_service) ?? ""));
        Add(_service);
        Add(_item);
        SetAction(host.Action((run, token) => RunAsync(run, run.Parsed.GetRequiredValue(_service), run.Parsed.GetRequiredValue(_item), token)));
    }

    protected abstract Task<int> RunAsync(Invocation run, string service, string item, CancellationToken cancellationToken);
}

/// <summary><c>charly secrets get</c>: the bare value, so that it can be piped; a newline only for people.</summary>
internal sealed class SecretsGetCommand(CommandHost host) : SecretCommand(host, "get", "Print the value of a secret")
{
    protected override async Task<int> RunAsync(Invocation run, string service, string item, CancellationToken cancellationToken)
    {
        var secret = await new GetSecrets(run.Context).ReadAsync(service, item, cancellationToken).ConfigureAwait(false);
        run.Print(secret, s => s.Value + (run.Terminal.OutIsTerminal ? "\n" : ""), (json, s) =>
        {
            json.WriteStartObject();
            json.WriteString("service", service);
            json.WriteString("item", item);
            json.WriteString("value", s.Value);
            json.WriteString("source", SecretText.Word(s.Source));
            json.WriteEndObject();
        });
        return 0;
    }
}

/// <summary><c>charly secrets set</c>.</summary>
internal sealed class SecretsSetCommand : SecretCommand
{
    private readonly Option<bool> _generate = Parameters.Flag("--generate", "Make a value up, and print it");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SecretsSetCommand(CommandHost host) : base(host, "set", "Keep a secret, from standard input or asked for")
    {
        Add(_generate);
        Add(_dryRun);
    }

    protected override async Task<int> RunAsync(Invocation run, string service, string item, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun))
        {
            var exists = new GetSecrets(run.Context).List().Any(n => n.Service == service && n.Item == item);
            run.Print($"would {(exists ? "replace" : "keep")} {service}/{item}\n");
            return 0;
        }

        var isMadeUp = run.Parsed.GetValue(_generate);
        var value = isMadeUp ? SetSecret.Generate() : await run.ReadSecretAsync($"Value of {service}/{item}", cancellationToken).ConfigureAwait(false);
        var kept = await new SetSecret(run.Context).RunAsync(service, item, value, cancellationToken).ConfigureAwait(false);
        run.Print(kept, k => isMadeUp ? value + "\n" : $"{k.Name} kept in {SecretText.Place(k.Source)}\n", SecretText.Write);
        return 0;
    }
}

/// <summary><c>charly secrets delete</c>.</summary>
internal sealed class SecretsDeleteCommand : SecretCommand
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public SecretsDeleteCommand(CommandHost host) : base(host, "delete", "Remove a secret for good")
    {
        Add(_dryRun);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(Invocation run, string service, string item, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun))
        {
            run.Print($"would remove {service}/{item}\n");
            return 0;
        }

        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Remove {service}/{item} for good?", cancellationToken).ConfigureAwait(false);
        await new SetSecret(run.Context).RemoveAsync(service, item, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly secrets import</c>.</summary>
internal sealed class SecretsImportCommand : Command
{
    private readonly Argument<string> _file = new("file") { Description = "YAML or JSON of services, items and values; standard input if left out", HelpName = "FILE", DefaultValueFactory = _ => "-" };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SecretsImportCommand(CommandHost host) : base("import", "Keep all secrets of a file")
    {
        Add(_file);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var file = run.Parsed.GetRequiredValue(_file);
        var path = run.Context.Environment.Resolve(file);
        if (file != "-" && !File.Exists(path)) throw new CharlyException(Errors.FileMissing, $"there is no file {path}", "Name a file, or - for standard input.", target: file);
        var text = file == "-"
            ? await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false)
            : await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        var names = await new ImportSecrets(run.Context).RunAsync(text, file == "-" ? "standard input" : path, run.Parsed.GetValue(_dryRun), cancellationToken).ConfigureAwait(false);
        SecretText.Print(run, names, "there was nothing to import");
        return 0;
    }
}

/// <summary><c>charly secrets export</c>: values, in the form that the import reads.</summary>
internal sealed class SecretsExportCommand : Command
{
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "Write a file that only you can read", "-o");

    public SecretsExportCommand(CommandHost host) : base("export", "Print all secrets with their values, as YAML or, with --format json, as JSON")
    {
        Add(_output);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var secrets = new GetSecrets(run.Context);
        var all = await secrets.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        var text = run.IsJson
            ? JsonText.Document(json =>
            {
                json.WriteStartObject();
                foreach (var service in all.GroupBy(s => s.Name.Service, StringComparer.Ordinal))
                {
                    json.WriteStartObject(service.Key);
                    foreach (var (name, value) in service) json.WriteString(name.Item, value);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            })
            : GetSecrets.Yaml(all);
        if (run.Parsed.GetValue(_output) is { } output) AtomicFile.Write(run.Context.Environment.Resolve(output), text, AtomicFile.Private);
        else run.Print(text);
        return 0;
    }
}
