using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>Arguments and options that the verbs of templates share.</summary>
internal static class TemplateParameters
{
    public static Argument<string> Name(CommandHost host, string description = "Name of the template")
    {
        var argument = new Argument<string>("id") { Description = description, HelpName = "ID" };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Templates());
        return argument;
    }

    public static Option<string?> Revision(string description) => Parameters.Text("--revision", "REV", description);
}

/// <summary><c>charly template list</c>.</summary>
internal sealed class TemplateListCommand : Command
{
    public TemplateListCommand(CommandHost host) : base("list", "List the templates on this machine") => SetAction(host.Action(RunAsync));

    private Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.PrintAll(new GetTemplates(run.Context).Run(), all => all.Count == 0 ? "" : run.Table(TemplateText.Columns, all.Select(TemplateText.Row)), TemplateJson.Write);
        return Task.FromResult(0);
    }
}

/// <summary><c>charly template show</c>.</summary>
internal sealed class TemplateShowCommand : Command
{
    private readonly Argument<string> _name;

    public TemplateShowCommand(CommandHost host) : base("show", "Show a template and its revisions")
    {
        Aliases.Add("info");
        Add(_name = TemplateParameters.Name(host));
        SetAction(host.Action(RunAsync));
    }

    private Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        run.Print(new GetTemplates(run.Context).Show(run.Parsed.GetRequiredValue(_name)), TemplateText.Details, TemplateJson.Write);
        return Task.FromResult(0);
    }
}

/// <summary><c>charly template delete</c>.</summary>
internal sealed class TemplateDeleteCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _force = Parameters.Flag("--force", "No error if there is none, and do not ask", "-f");
    private readonly Option<bool> _yes = Parameters.Yes();
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public TemplateDeleteCommand(CommandHost host) : base("delete", "Remove a template with all its revisions; refused while a machine stands on one")
    {
        Aliases.Add("rm");
        Add(_name = TemplateParameters.Name(host));
        Add(_force);
        Add(_yes);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var name = run.Parsed.GetRequiredValue(_name);
        var force = run.Parsed.GetValue(_force);
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, await new RemoveTemplate(run.Context).PreviewAsync(name, force, cancellationToken).ConfigureAwait(false));
        if (!force && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Delete template {name} with all its revisions?", cancellationToken).ConfigureAwait(false);
        await new RemoveTemplate(run.Context).RunAsync(name, force, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly template init</c>.</summary>
internal sealed class TemplateInitCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _local = Parameters.Flag("--local", "Write first sources into DIR/ID instead; files that are there stay");
    private readonly Option<string?> _folder = Parameters.Text("--dir", "DIR", "Folder for --local (default: the current one)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public TemplateInitCommand(CommandHost host) : base("init", "Make the folders of a template")
    {
        Add(_name = TemplateParameters.Name(host));
        Add(_local);
        Add(_folder);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var name = run.Parsed.GetRequiredValue(_name);
        var initialize = new InitializeTemplate(run.Context);
        if (run.Parsed.GetValue(_local))
        {
            if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, initialize.PreviewScaffold(name, run.Parsed.GetValue(_folder)));
            run.PrintAll(initialize.Scaffold(name, run.Parsed.GetValue(_folder)), all => string.Concat(all.Select(f => f + "\n")), (json, file) => json.WriteStringValue(file));
            return 0;
        }

        if (run.Parsed.GetValue(_folder) is not null) throw new CharlyException(Errors.Usage, "--dir is for --local", "Add --local, or leave it out.");
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, initialize.Preview(name));
        run.Print(await initialize.RunAsync(name, cancellationToken).ConfigureAwait(false), TemplateText.Made, TemplateJson.Write);
        return 0;
    }
}

/// <summary><c>charly template build</c>.</summary>
internal sealed class TemplateBuildCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<bool> _force = Parameters.Flag("--force", "Let the builder forget what it kept", "-f");
    private readonly Option<string?> _config = Parameters.Text("--config", "TOML", "Make and build the variants that this file lists");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public TemplateBuildCommand(CommandHost host) : base("build", "Build the next revision and make it current")
    {
        Add(_name = TemplateParameters.Name(host));
        Add(_force);
        Add(_config);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public BuildTemplateRequest Request(ParseResult parsed) => new() { Name = parsed.GetRequiredValue(_name), Force = parsed.GetValue(_force), Config = parsed.GetValue(_config) };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new BuildTemplate(run.Context).Preview(request));
        var revisions = await new BuildTemplate(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Config is null) run.Print(revisions[0], TemplateText.Built, TemplateJson.Write);
        else run.PrintAll(revisions, all => string.Concat(all.Select(TemplateText.Built)), TemplateJson.Write);
        return 0;
    }
}

/// <summary><c>charly template push</c>.</summary>
internal sealed class TemplatePushCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _revision = TemplateParameters.Revision("Revision (default: the current one)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public TemplatePushCommand(CommandHost host) : base("push", "Send a revision to the registry")
    {
        Add(_name = TemplateParameters.Name(host));
        Add(_revision);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new PushTemplate(run.Context).Preview(run.Parsed.GetRequiredValue(_name), run.Parsed.GetValue(_revision)));
        var sent = await new PushTemplate(run.Context).RunAsync(run.Parsed.GetRequiredValue(_name), run.Parsed.GetValue(_revision), cancellationToken).ConfigureAwait(false);
        run.Print(sent, TemplateText.Pushed, TemplateJson.Write);
        return 0;
    }
}

/// <summary><c>charly template pull</c>.</summary>
internal sealed class TemplatePullCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _revision = TemplateParameters.Revision("Revision (default: the registry's current one)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public TemplatePullCommand(CommandHost host) : base("pull", "Fetch a revision from the registry and make it current")
    {
        Add(_name = TemplateParameters.Name(host));
        Add(_revision);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new PullTemplate(run.Context).Preview(run.Parsed.GetRequiredValue(_name), run.Parsed.GetValue(_revision)));
        var fetched = await new PullTemplate(run.Context).RunAsync(run.Parsed.GetRequiredValue(_name), run.Parsed.GetValue(_revision), cancellationToken).ConfigureAwait(false);
        run.Print(fetched, TemplateText.Pulled, TemplateJson.Write);
        return 0;
    }
}

/// <summary><c>charly template verify</c>.</summary>
internal sealed class TemplateVerifyCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _revision = TemplateParameters.Revision("Revision (default: the current one)");

    public TemplateVerifyCommand(CommandHost host) : base("verify", "Compare a revision with its checksums; needs no registry")
    {
        Add(_name = TemplateParameters.Name(host));
        Add(_revision);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var result = await new VerifyTemplate(run.Context).RequireAsync(run.Parsed.GetRequiredValue(_name), run.Parsed.GetValue(_revision), cancellationToken).ConfigureAwait(false);
        run.Print(result, TemplateText.Verified, TemplateJson.Write);
        return 0;
    }
}
