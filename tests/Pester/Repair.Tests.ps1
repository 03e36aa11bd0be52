param([Parameter(Mandatory)] [string] $Module)

Describe 'A run that was cut' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        $null = New-Item -ItemType Directory (Join-Path $project 'candy/slow')
        Set-Content (Join-Path $project 'candy/slow/charly.yml') @'
candy:
  version: 2026.163.0928
  name: slow
  task:
    - write: ${HOME}/mine
      content: ours
    - cmd: |
        [[ -e $HOME/go ]] || { touch "$HOME/waits"; sleep 300; }
        echo done >"$HOME/done"
      user: root
'@
        Push-Location $project
        $mine, $go, $waits = 'mine', 'go', 'waits' | ForEach-Object { Join-Path $env:HOME $_ }
        [System.IO.File]::WriteAllText($mine, 'theirs')

        function Invoke-CutRun {
            <# .SYNOPSIS An add in a process of its own, killed with all that it started as soon as its command waits. #>
            Remove-Item $go, $waits -ErrorAction Ignore
            $script = "Import-Module '$Module'; Add-CharlyBundle host slow -AllowRootTasks"
            $process = Start-Process (Get-Process -Id $PID).Path -ArgumentList '-NoProfile', '-NonInteractive', '-Command', $script -PassThru -RedirectStandardOutput (Join-Path $TestDrive 'out')
            $deadline = (Get-Date).AddSeconds(60)
            while (-not (Test-Path $waits)) {
                if ($process.HasExited -or (Get-Date) -gt $deadline) { throw "the run did not come to its command: $(Get-Content (Join-Path $TestDrive 'out') -Raw)" }
                Start-Sleep -Milliseconds 50
            }
            $process.Kill($true)
            $process.WaitForExit()
        }
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'is told of by the ledger, and shown before it is taken back' {
        Invoke-CutRun
        $run = (Get-CharlyLedger host).UnfinishedRun
        $run.DeployName | Should -Be 'host'
        $run.OpenSteps | Should -Match 'go'
        $preview = Repair-CharlyBundle host -Rollback -DryRun
        $preview.Verb | Should -Be 'rollback'
        $preview.Undone.Status | Should -Contain 'planned'
        $preview.NotUndoable | Should -Match '^slow: '
        Repair-CharlyBundle host -Rollback -WhatIf
        Get-Content $mine -Raw | Should -Be 'ours'
    }

    It 'is taken back to the state before it' {
        (Repair-CharlyBundle host -Rollback -Confirm:$false).Failure | Should -BeNullOrEmpty
        Get-Content $mine -Raw | Should -Be 'theirs'
        Join-Path $env:HOME '.config/opencharly/installed' | Should -Not -Exist
        (Get-CharlyLedger host).UnfinishedRun | Should -BeNullOrEmpty
    }

    It 'is finished from what is on its target, without the project' {
        Invoke-CutRun
        Set-Content $go ''
        Push-Location $env:HOME
        try {
            $result = Repair-CharlyBundle host
        } finally {
            Pop-Location
        }
        $result.Failure | Should -BeNullOrEmpty
        $result.Steps.Status | Should -Be 'Unchanged', 'Done'
        Join-Path $env:HOME 'done' | Should -Exist
        (Remove-CharlyBundle host -Confirm:$false).Failure | Should -BeNullOrEmpty
        Get-Content $mine -Raw | Should -Be 'theirs'
    }

    It 'that there is not leaves nothing to do' {
        (Repair-CharlyBundle host).Changed | Should -BeFalse
    }
}
