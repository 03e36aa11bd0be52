namespace OpenCharly.Cli.Progress;

/// <summary>Picks the view that fits format and terminal.</summary>
internal static class EventViews
{
    public static IEventView Choose(CommandHost host, OutputFormat format, LogLevels levels)
    {
        var terminal = host.Terminal;
        if (format == OutputFormat.Json) return new JsonEvents(terminal.Error, levels);
        var palette = new Palette(terminal.ColorError(host.Environment));
        // A live view moves the cursor, which a dumb terminal can't.
        return terminal.ErrorIsTerminal && host.Environment.Variable("TERM") is not (null or "dumb")
            ? new LiveView(terminal.Error, levels, palette, host.Environment.Clock)
            : new PlainView(terminal.Error, levels, palette);
    }
}
