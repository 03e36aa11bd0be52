namespace OpenCharly.Kdl;

/// <summary>Passes over white space, comments and continued lines.</summary>
internal static class KdlSpaces
{
    /// <summary>White space inside of a node: blanks, block comments, and line ends that a backslash takes away.</summary>
    /// <returns>Whether there was any.</returns>
    public static bool SkipInNode(KdlCursor cursor)
    {
        var begin = cursor.Offset;
        while (SkipBlanks(cursor) || SkipContinuation(cursor))
        {
            // Each turn passes over something.
        }

        return cursor.Offset > begin;
    }

    /// <summary>White space between nodes: also line ends and line comments.</summary>
    public static void SkipBetweenNodes(KdlCursor cursor)
    {
        while (SkipInNode(cursor) || cursor.TakeNewline() || SkipLineComment(cursor))
        {
            // Each turn passes over something.
        }
    }

    /// <summary>A line comment with its line end.</summary>
    public static bool SkipLineComment(KdlCursor cursor)
    {
        if (!cursor.Take("//")) return false;
        while (!cursor.IsAtEnd && !cursor.SeesNewline) cursor.Offset++;
        cursor.TakeNewline();
        return true;
    }

    private static bool SkipBlanks(KdlCursor cursor)
    {
        var begin = cursor.Offset;
        while (!cursor.IsAtEnd)
        {
            if (KdlCharacters.IsSpace(cursor.Current, cursor.Version)) cursor.Offset++;
            else if (!SkipBlockComment(cursor)) break;
        }

        return cursor.Offset > begin;
    }

    private static bool SkipContinuation(KdlCursor cursor)
    {
        if (cursor.Current != '\\') return false;
        var begin = cursor.Offset++;
        SkipBlanks(cursor);
        if (cursor.TakeNewline() || SkipLineComment(cursor) || (cursor.IsAtEnd && cursor.Version == 2)) return true;
        throw cursor.Error(
            begin,
            $"after a backslash the line must end, and here follows {KdlCharacters.Describe(cursor.Text, cursor.Offset)}",
            "Outside of strings a backslash only continues a node on the next line; quote a word that holds one.");
    }

    private static bool SkipBlockComment(KdlCursor cursor)
    {
        if (!cursor.Sees("/*")) return false;
        var begin = cursor.Offset;
        var depth = 0;
        do
        {
            if (cursor.Take("/*")) depth++;
            else if (cursor.Take("*/")) depth--;
            else if (cursor.IsAtEnd) throw cursor.Error(begin, "this comment has no end", "Close it with */; comments nest, so each /* needs one.");
            else cursor.Offset++;
        }
        while (depth > 0);
        return true;
    }
}
