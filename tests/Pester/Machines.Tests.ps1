param([Parameter(Mandatory)] [string] $Module)

# Machines of the noop backend: everything around a hypervisor is real, and nothing boots.
Describe 'Machines' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        # Not below $TestDrive, from which Pester takes at the end of each context what was made in it.
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $project = Join-Path $folder 'project'
        New-TestProject $project
        New-TestDisk $project web, db
        Push-Location $project
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    Context 'in the folder of the project' {
        It 'are made by name, several at once, and emit their state' {
            $states = 'web', 'db' | New-CharlyVm
            $states | Should -BeOfType OpenCharly.Vms.VmDeployState
            $states.Key | Should -Be 'vm:web', 'vm:db'
            $states.Backend | Should -Be 'noop', 'noop'
        }

        It 'are listed as objects' {
            $machines = Get-CharlyVm
            $machines | Should -BeOfType OpenCharly.Vms.CharlyVm
            $machines.Name | Sort-Object | Should -Be 'db', 'web'
            $machines[0].Status | Should -BeOfType OpenCharly.Vms.VmStatus
            $machines[0].State.Key | Should -Be "vm:$($machines[0].Name)"
        }

        It 'are found by name, by wildcard and from the pipeline, each once' {
            (Get-CharlyVm web).Name | Should -Be 'web'
            (Get-CharlyVm w*, web, '?b').Name | Should -Be 'web', 'db'
            ('web', 'db' | Get-CharlyVm).Name | Should -Be 'web', 'db'
            (Get-CharlyVm | Get-CharlyVm).Count | Should -Be 2
            Get-CharlyVm x* | Should -BeNullOrEmpty
        }

        It 'are filtered and piped on' {
            $done = Get-CharlyVm | Where-Object Status -eq Prepared | Start-CharlyVm -PassThru
            $done.Name | Sort-Object | Should -Be 'db', 'web'
        }

        It 'print nothing without -PassThru' {
            Get-CharlyVm | Start-CharlyVm | Should -BeNullOrEmpty
            Get-CharlyVm web | Restart-CharlyVm | Should -BeNullOrEmpty
        }

        It 'carry their name on what is read from them' {
            $lines = Get-CharlyVm | Get-CharlyVmLog -Console
            $lines.Name | Sort-Object | Should -Be 'db', 'web'
            $lines | Should -BeOfType OpenCharly.Operations.VmLogLine
        }

        It 'that exist already are an error which ends nothing else' {
            Remove-CharlyVm db -Confirm:$false
            $state = New-CharlyVm web, db -ErrorVariable problems -ErrorAction SilentlyContinue
            $state.Key | Should -Be 'vm:db'
            $problems.FullyQualifiedErrorId | Should -Match '^vm\.name_exists,'
            $problems.CategoryInfo.Category | Should -Be 'ResourceExists'
        }
    }

    Context 'that are missing' {
        It 'are one error each, and do not keep the others from being worked on' {
            $found = Get-CharlyVm nope, web, nada, db -ErrorVariable problems -ErrorAction SilentlyContinue
            $found.Name | Should -Be 'web', 'db'
            $problems.Count | Should -Be 2
        }

        It 'end the pipeline with -ErrorAction Stop' {
            { Get-CharlyVm nope, web -ErrorAction Stop } | Should -Throw -ErrorId 'vm.not_found,*'
        }

        It 'have an error record with code, category, target and advice' {
            Get-CharlyVm nope -ErrorVariable problems -ErrorAction SilentlyContinue
            $problems[0].FullyQualifiedErrorId | Should -Be 'vm.not_found,OpenCharly.PowerShell.Commands.GetCharlyVmCommand'
            $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $problems[0].TargetObject | Should -Be 'nope'
            $problems[0].Exception | Should -BeOfType OpenCharly.Foundation.CharlyException
            $problems[0].ErrorDetails.Message | Should -Match 'nope'
            $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'set $? to false' {
            Get-CharlyVm nope -ErrorAction SilentlyContinue
            $? | Should -BeFalse
        }
    }

    Context 'and the folder that the user is in' {
        It 'is $PWD, not the working folder of the process' {
            [Environment]::CurrentDirectory | Should -Not -Be $project
            { New-CharlyVm db -ErrorAction Stop } | Should -Throw -ErrorId 'vm.name_exists,*'
        }

        It 'stays the one of the file system while the user is on another drive' {
            Push-Location Env:
            try { (Get-CharlyVm web).Name | Should -Be 'web' } finally { Pop-Location }
        }

        It 'gives errors with the place in its files' {
            $broken = Join-Path $TestDrive 'broken'
            $null = New-Item -ItemType Directory $broken
            Set-Content (Join-Path $broken 'charly.yml') "version: 2026.163.0928`nvm:`n  web: [not, a, machine]`n"
            Push-Location $broken
            try {
                Build-CharlyVm web -ErrorVariable problems -ErrorAction SilentlyContinue
                $problems[0].ErrorDetails.Message | Should -Match 'charly\.yml:3:\d+: '
                $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
            }
            finally { Pop-Location }
        }
    }

    Context 'that take long' {
        BeforeAll {
            function Invoke-InBackground([string] $Script) {
                $shell = [powershell]::Create()
                $null = $shell.AddScript("Import-Module '$Module'; Set-Location '$project'; $Script")
                $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $handle = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
                $limit = [datetime]::UtcNow.AddSeconds(30)
                while ($output.Count -eq 0 -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 20 }
                $output.Count | Should -BeGreaterThan 0 -Because 'the pipeline is at work'
                @{ Shell = $shell; Output = $output; Handle = $handle }
            }
        }

        It 'are left within a second when the user stops the pipeline' {
            $run = Invoke-InBackground 'Get-CharlyVmLog web -Wait'
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $run.Shell.Stop()
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 1.5
            $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $run.Shell.Dispose()
        }

        It 'are left when the next command wants no more' {
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            @(Get-CharlyVmLog web -Wait | Select-Object -First 1).Count | Should -Be 1
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 3
        }
    }

    Context 'that are entered' {
        BeforeAll {
            $bin = New-Item -ItemType Directory (Join-Path $folder 'bin')
            $ssh = Join-Path $bin 'ssh'
            Set-Content $ssh "#!/bin/sh`nif [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then echo terminal; else echo none; fi`nexit 7"
            chmod +x $ssh
            $path = $env:PATH
            $env:PATH = "${bin}:$path"
            $entry = Join-Path $folder 'enter.ps1'
            Set-Content $entry "Import-Module '$Module'; Set-Location '$project'; Enter-CharlyVm web; `"code `$LASTEXITCODE`""
        }

        AfterAll { $env:PATH = $path }

        It 'have the terminal of the user, and leave the exit code behind' -Skip:(-not (Get-Command script -ErrorAction Ignore)) {
            $lines = (script -qec "$((Get-Process -Id $PID).Path) -NoProfile -File $entry" /dev/null) -replace "`e\[[0-9;?]*[a-zA-Z]|`e=|\e\][^\a]*\a|\r"
            "$lines" | Should -Match 'terminal.*code 7'
        }
    }

    Context 'that are no longer wanted' {
        It 'are removed without a question when none is wanted' {
            Get-CharlyVm | Remove-CharlyVm -Confirm:$false | Should -BeNullOrEmpty
            Get-CharlyVm | Should -BeNullOrEmpty
            Join-Path $project 'output/qcow2/web/disk.qcow2' | Should -Exist
        }
    }
}
