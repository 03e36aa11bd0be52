using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly settings get</c>.</summary>
internal sealed class SettingsGetCommand : Command
{
    private readonly Argument<string> _key = SettingParameters.Key();

    public SettingsGetCommand(CommandHost host) : base("get", "Print the value of a setting")
    {
        Add(_key);
        SetAction(host.Action(async (run, token) =>
        {
            run.Print(await new GetSettings(run.Context).GetAsync(run.Parsed.GetRequiredValue(_key), token).ConfigureAwait(false), s => s.Value + "\n", SettingText.Write);
            return 0;
        }));
    }
}

/// <summary><c>charly settings list</c>.</summary>
internal sealed class SettingsListCommand : Command
{
    public SettingsListCommand(CommandHost host) : base("list", "Print all settings and where their values come from") =>
        SetAction(host.Action((run, _) =>
        {
            run.PrintAll(new GetSettings(run.Context).List(), all => run.Table(SettingText.Columns, all.Select(SettingText.Row)), SettingText.Write);
            return Task.FromResult(0);
        }));
}

/// <summary><c>charly settings path</c>.</summary>
internal sealed class SettingsPathCommand : Command
{
    public SettingsPathCommand(CommandHost host) : base("path", "Print the path of the settings file") =>
        SetAction(host.Action((run, _) =>
        {
            run.Print(new GetSettings(run.Context).Path, path => path + "\n", (json, path) =>
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteEndObject();
            });
            return Task.FromResult(0);
        }));
}

/// <summary><c>charly settings set</c>.</summary>
internal sealed class SettingsSetCommand : Command
{
    private readonly Argument<string> _key = SettingParameters.Key();
    private readonly Argument<string?> _value = new("value") { Description = "Its value; from standard input if left out", HelpName = "VALUE", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SettingsSetCommand(CommandHost host) : base("set", "Write a setting into the settings file")
    {
        _value.CompletionSources.Add(context => SettingKey.All.FirstOrDefault(k => k.Name == context.ParseResult.GetValue(_key))?.Words.Select(w => new System.CommandLine.Completions.CompletionItem(w)) ?? []);
        Add(_key);
        Add(_value);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var key = run.Parsed.GetRequiredValue(_key);
        var value = run.Parsed.GetValue(_value) ?? await run.ReadSecretAsync($"Value of {key}", cancellationToken).ConfigureAwait(false);
        var setting = run.Parsed.GetValue(_dryRun) ? SetSetting.Preview(key, value) : await new SetSetting(run.Context).RunAsync(key, value, cancellationToken).ConfigureAwait(false);
        run.Print(setting, s => $"{s.Key}{(s.Value is null ? "" : $" = {s.Value}")}\n", SettingText.Write);
        return 0;
    }
}

/// <summary><c>charly settings reset</c>.</summary>
internal sealed class SettingsResetCommand : Command
{
    private readonly Argument<string[]> _keys = new("keys") { Description = "Keys of settings; all if none is given", HelpName = "KEY", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public SettingsResetCommand(CommandHost host) : base("reset", "Take settings out of the file, so that defaults are in force again; secrets stay")
    {
        _keys.CompletionSources.Add([.. SettingKey.All.Select(k => k.Name)]);
        Add(_keys);
        Add(_dryRun);
        Add(_yes);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var keys = run.Parsed.GetValue(_keys) ?? [];
        var dryRun = run.Parsed.GetValue(_dryRun);
        if (keys.Length == 0 && !dryRun && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync("Take all settings out of the file?", cancellationToken).ConfigureAwait(false);
        var gone = await new SetSetting(run.Context).ResetAsync(keys, dryRun, cancellationToken).ConfigureAwait(false);
        run.PrintAll(gone, all => string.Concat(all.Select(k => k + "\n")), (json, k) => json.WriteStringValue(k));
        if (gone.Count == 0 && !run.IsJson) run.Tell(NoticeLevel.Info, "nothing was set, so nothing changed");
        return 0;
    }
}

/// <summary><c>charly settings migrate-secrets</c>.</summary>
internal sealed class SettingsMigrateSecretsCommand : Command
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SettingsMigrateSecretsCommand(CommandHost host) : base("migrate-secrets", "Move secrets from the settings file into the keyring")
    {
        Add(_dryRun);
        SetAction(host.Action(async (run, token) =>
        {
            var moved = await new SetSecret(run.Context).MigrateAsync(run.Parsed.GetValue(_dryRun), token).ConfigureAwait(false);
            SecretText.Print(run, moved, "the settings file keeps no secrets");
            return 0;
        }));
    }
}

/// <summary>What the commands of settings share.</summary>
internal static class SettingParameters
{
    public static Argument<string> Key()
    {
        var argument = new Argument<string>("key") { Description = "Key of the setting", HelpName = "KEY" };
        argument.CompletionSources.Add([.. SettingKey.All.Select(k => k.Name)]);
        return argument;
    }
}
